#include "scenario/platform_calls.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/diag.h"
#include "config/load.h"
#include "scenario/making.h"
#include "scenario/manners.h"
#include "scenario/program.h"
#include "scenario/variable.h"

#define CALL_ROW(row_key, call)                                                          \
    {                                                                                    \
        .key = (row_key), .type = FIELD_LIST, .table = &step_table,                      \
        .offset = offsetof(struct platform_calls_form, calls) +                          \
                  (call) * sizeof(struct config_items)

static const struct field
    calls_fields[] =
        {CALL_ROW("make_organization", PLAN_PLATFORM_MAKE_ORGANIZATION),
         .help =
             "takes `org_id` and, where paths name it otherwise, `org_slug`; it knows "
             "`org.name` and `org.budget_usd`"},
    CALL_ROW("make_user", PLAN_PLATFORM_MAKE_USER),
    .help = "takes `user_id`; it knows `org.id`, `org.slug`, `user.email` and "
            "`user.index` too"
}
, CALL_ROW("make_key", PLAN_PLATFORM_MAKE_KEY),
    .help = "takes `api_key` and `key_id`; it knows `user.id` too. `[]`: users act with "
            "the target's key"
}
, CALL_ROW("remove_key", PLAN_PLATFORM_REMOVE_KEY),
    .help = "knows `key.id` too; `[]`: a key ends with its user"
}
, CALL_ROW("remove_user", PLAN_PLATFORM_REMOVE_USER),
    .help = "`[]`: users end with their organization"
}
, CALL_ROW("remove_organization", PLAN_PLATFORM_REMOVE_ORGANIZATION),
    .help = "what is not there any more is a success"
}
,
}
;

/*
 * The API that is spoken where a scenario says nothing else. What exists is told by a 409 and looked up; of an
 * organization the budget is made what it should be. An organization is not empty while another worker
 * still removes users of it.
 */
static const char known_calls[] =
    "retry: {attempts: 5, base: 200ms, max: 5s, on: [connect, connect_timeout, reset, "
    "truncated, idle_timeout, total_timeout, rate_limited, http_5xx]}\n"
    "calls:\n"
    "  make_organization:\n"
    "    - http: {request: POST /v1/orgs, json: {name: '{{ org.name }}', budget_usd: "
    "'{{ org.budget_usd | json }}'}}\n"
    "      expect: {status: [200, 201, 409]}\n"
    "      extract: {platform_status: {status: true}, org_id: .id, org_slug: .slug}\n"
    "    - if: .vars.platform_status == 409\n"
    "      steps:\n"
    "        - http: 'GET /v1/orgs/{{ org.name | lower }}'\n"
    "          extract: {org_id: {jq: .id, required: true}, org_slug: .slug}\n"
    "        - http: {request: 'PATCH /v1/orgs/{{ org.name | lower }}', json: "
    "{budget_usd: '{{ org.budget_usd | json }}'}}\n"
    "          when: .org.budget_usd != null\n"
    "        - set: {existed: 'true'}\n"
    "  make_user:\n"
    "    - http: {request: 'POST /v1/orgs/{{ org.slug }}/invites', json: {email: "
    "'{{ user.email }}', role: member}}\n"
    "      expect: {status: [200, 201, 409]}\n"
    "      extract: {platform_status: {status: true}, user_id: .id}\n"
    "    - if: .vars.platform_status == 409\n"
    "      steps:\n"
    "        - http: 'GET /v1/orgs/{{ org.slug }}/users?email={{ user.email }}'\n"
    "          extract: {user_id: {jq: '.data[0].id', required: true}}\n"
    "        - set: {existed: 'true'}\n"
    "  make_key:\n"
    "    - http: {request: 'POST /v1/orgs/{{ org.slug }}/users/{{ user.id }}/keys', "
    "json: {name: 'throng-{{ run.id }}'}}\n"
    "      extract:\n"
    "        api_key: {jq: .key, required: true, secret: true}\n"
    "        key_id: .id\n"
    "  remove_key:\n"
    "    - http: 'DELETE /v1/orgs/{{ org.slug }}/users/{{ user.id }}/keys/{{ key.id }}'\n"
    "      expect: {status: [200, 202, 204, 404]}\n"
    "  remove_user:\n"
    "    - http: 'DELETE /v1/orgs/{{ org.slug }}/users/{{ user.id }}'\n"
    "      expect: {status: [200, 202, 204, 404]}\n"
    "  remove_organization:\n"
    "    - http: 'DELETE /v1/orgs/{{ org.slug }}'\n"
    "      expect: {status: [200, 202, 204, 404]}\n"
    "      retry: {attempts: 8, base: 200ms, max: 5s, on: [connect, connect_timeout, "
    "reset, truncated, idle_timeout, total_timeout, rate_limited, http_5xx, 409]}\n";

const struct field_table platform_calls_table = {
    TABLE_OF("calls", calls_fields, struct platform_calls_form,
             "What is sent to the platform, each in the words of a flow. What the "
             "answers have is taken into\nvariables of these names: `org_id`, "
             "`org_slug`, `user_id`, `key_id` and `api_key`; a variable `existed` says "
             "that it was there\nbefore, so that it stays behind. A call that is not "
             "written is that of doc/platform.md."),
    .example =
        "platform:\n"
        "  url: https://admin.example\n"
        "  calls:\n"
        "    make_user:\n"
        "      - http: {request: \"PUT /tenants/{{ org.id }}/people\", json: {mail: "
        "\"{{ user.email }}\"}}\n"
        "        extract: {user_id: {jq: .uid, required: true}}\n"};

/* The part of a platform that is known without a scenario. */
struct known_form {
    struct config_form form;
    struct retry_form retry;
    struct platform_calls_form calls;
};

static const struct field known_fields[] = {
    {ROW("retry", FIELD_MAP, struct known_form, retry), .table = &retry_table,
     .help = "what is tried again"},
    {ROW("calls", FIELD_MAP, struct known_form, calls), .table = &platform_calls_table,
     .help = "what is sent"},
};

static const struct field_table known_table = {
    TABLE_OF("known", known_fields, struct known_form, "What is known of platforms.")};

static bool is_written(const struct platform_calls_form *form,
                       enum plan_platform_call call)
{
    return form->form.node && making_has(&form->form, plan_platform_call_name(call));
}

/* Whether a program takes something from an answer. */
static bool takes(const struct making *making, uint32_t program, uint32_t variable)
{
    const struct plan_program *made =
        (const struct plan_program *)making->programs.items + program;
    const struct plan_step *steps = making->steps.items;

    for (size_t i = 0; i < made->instruction_count; i++) {
        const struct plan_instruction *instruction = &made->instructions[i];
        const struct plan_step *step = &steps[instruction->a];

        if (instruction->op == PLAN_OP_SET)
            return true; /* it may be put together from others */
        for (size_t at = 0;
             instruction->op == PLAN_OP_REQUEST && at < step->extract_count; at++)
            if (step->extracts[at].variable == variable)
                return true;
    }
    return false;
}

/* Without it nothing that follows could be asked for. */
static int check_finds(struct making *making, const struct platform_calls_form *form)
{
    static const struct {
        enum plan_platform_call call;
        enum plan_platform_find find;
    } needed[] = {
        {PLAN_PLATFORM_MAKE_ORGANIZATION, PLAN_PLATFORM_ORG_ID},
        {PLAN_PLATFORM_MAKE_USER, PLAN_PLATFORM_USER_ID},
        {PLAN_PLATFORM_MAKE_KEY, PLAN_PLATFORM_KEY},
    };
    const struct plan_platform *platform = &making->plan->platform;
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(needed); i++) {
        const uint32_t program = platform->calls[needed[i].call];

        if (is_written(form, needed[i].call) && program != PLAN_NONE &&
            !takes(making, program, platform->finds[needed[i].find]))
            r = MAKING_REFUSE(
                making,
                config_find_key(form->form.node, plan_platform_call_name(needed[i].call)),
                "add 'extract: {NAME: .id}' with that name to the step that has it",
                "%s: nothing is taken into '%s'", plan_platform_call_name(needed[i].call),
                plan_platform_find_name(needed[i].find));
    }
    return r;
}

static int declare_finds(struct making *making)
{
    uint32_t *finds = making->plan->platform.finds;
    uint32_t status;
    int r = variable_declare(making, "platform_status", false, &status);

    for (size_t i = 0; r == 0 && i < PLAN_PLATFORM_FINDS; i++)
        r = variable_declare(making, plan_platform_find_name((enum plan_platform_find)i),
                             i == PLAN_PLATFORM_KEY, &finds[i]);
    return r;
}

static int make_programs(struct making *making, const struct known_form *known)
{
    const struct platform_form *form = &making->form->platform;
    struct plan_platform *platform = &making->plan->platform;
    int r = 0;

    if (!form->retry.form.node)
        r = make_retry(making, &known->retry, &making->target_retries[platform->target]);
    for (size_t i = 0; r == 0 && i < PLAN_PLATFORM_CALLS; i++) {
        const bool own = is_written(&form->calls, (enum plan_platform_call)i);

        r = make_platform_program(making,
                                  own ? &form->calls.calls[i] : &known->calls.calls[i],
                                  &platform->calls[i]);
    }
    return r;
}

int make_platform_calls(struct making *making)
{
    const struct config_options reading = {0};
    struct config_tree *tree = NULL;
    struct known_form known = {0};
    int r = declare_finds(making);

    if (r == 0)
        r = config_load_text("the platform's known calls", known_calls,
                             sizeof(known_calls) - 1, &reading, making->diags, &tree);
    if (r == 0)
        r = config_fill(tree, config_root(tree), &known_table, &known, making->diags);
    if (r == 0)
        r = make_programs(making, &known);
    if (r == 0 && diag_count(making->diags) == 0)
        r = check_finds(making, &making->form->platform.calls);
    config_tree_free(tree);
    return r == -EINVAL ? 0 : r;
}

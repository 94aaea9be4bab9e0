#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "expr/template.h"

static void serve(void *ctx, const struct virtual_request *request,
                  struct virtual_answer *ret_answer)
{
    struct words *words = ctx;
    const struct transfer_request *asked = request->request;
    struct words_heard *heard = &words->heard[words->heard_count % WORDS_REQUESTS];
    int len;

    heard->user = asked->user;
    heard->sent_ns = request->sent_ns - BEGIN;
    len = snprintf(heard->line, sizeof(heard->line), "%s %s", asked->method,
                   strstr(asked->url, ":80") + 3);
    for (size_t i = 0; i < asked->header_count; i++) {
        const char *name = asked->headers[i].name;

        if (strcmp(name, "X-Request-ID") != 0 && strcmp(name, "traceparent") != 0)
            len += snprintf(heard->line + len, sizeof(heard->line) - (size_t)len,
                            " | %s: %s", name, asked->headers[i].value);
    }
    if (asked->body)
        (void)snprintf(heard->line + len, sizeof(heard->line) - (size_t)len, " | %.*s",
                       (int)asked->body_len, asked->body);
    words->heard_count++;
    words_say(words, ret_answer, "{}");
    if (words->answer)
        words->answer(words, request, ret_answer);
}

void words_say(struct words *words, struct virtual_answer *ret_answer, const char *body)
{
    words->body = (struct virtual_event){.delay_ns = MS(10), .data = body};
    ret_answer->content_type = "application/json";
    ret_answer->events = &words->body;
    ret_answer->event_count = 1;
}

void words_init(struct words *words)
{
    struct plan *plan = &words->stage.plan;

    memset(words, 0, sizeof(*words));
    stage_init(&words->stage);
    assert_int_equal(arena_new(&words->arena), 0);
    words->stage.server = serve;
    words->programs[0] = (struct plan_program){.instructions = words->instructions,
                                               .instruction_count = 40};
    words->stage.classes[0].think.kind = PLAN_PAUSE_NONE;
    plan->programs = words->programs;
    plan->program_count = 1;
    plan->steps = words->steps;
    plan->step_count = 0;
    plan->variables = words->variables;
    plan->names = words->names;
    plan->queries = words->queries;
    words_step(words, 0, "GET /");
}

void words_free(struct words *words)
{
    stage_close(&words->stage);
    arena_free(words->arena);
}

uint32_t words_variable(struct words *words, const char *name)
{
    struct plan *plan = &words->stage.plan;

    for (uint32_t i = 0; i < plan->variable_count; i++)
        if (strcmp(words->variables[i].name, name) == 0)
            return i;
    assert_true(plan->variable_count < WORDS_VARIABLES);
    words->variables[plan->variable_count].name = arena_copy(words->arena, name);
    return (uint32_t)plan->variable_count++;
}

uint32_t words_query(struct words *words, const char *text)
{
    struct plan *plan = &words->stage.plan;

    assert_true(plan->query_count < WORDS_QUERIES);
    words->queries[plan->query_count] = text;
    return (uint32_t)plan->query_count++;
}

static int find_name(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                     const char **reterr_hint)
{
    static const struct {
        const char *name;
        enum plan_name_kind kind;
    } known[] = {
        {"user.id", PLAN_NAME_USER_ID},
        {"user.ordinal", PLAN_NAME_USER_ORDINAL},
        {"user.class", PLAN_NAME_USER_CLASS},
        {"user.email", PLAN_NAME_USER_EMAIL},
        {"user.name", PLAN_NAME_USER_NAME},
        {"user.index", PLAN_NAME_USER_INDEX},
        {"org.name", PLAN_NAME_ORG_NAME},
        {"iteration", PLAN_NAME_ITERATION},
        {"round", PLAN_NAME_ROUND},
        {"org.id", PLAN_NAME_ORG_ID},
        {"org.slug", PLAN_NAME_ORG_SLUG},
        {"run.id", PLAN_NAME_RUN_ID},
        {"scenario", PLAN_NAME_SCENARIO},
        {"worker.index", PLAN_NAME_WORKER},
        {"last.status", PLAN_NAME_LAST_STATUS},
    };
    struct words *words = ctx;
    struct plan *plan = &words->stage.plan;
    struct plan_name *made = &words->names[plan->name_count];
    char *written = arena_copy_bytes(words->arena, name, len);

    *reterr_hint = NULL;
    assert_true(plan->name_count < WORDS_NAMES);
    made->written = written;
    *ret_ref = (uint32_t)plan->name_count;
    if (strncmp(written, "vars.", 5) == 0) {
        made->kind = PLAN_NAME_VARIABLE;
        made->index = words_variable(words, written + 5);
        plan->name_count++;
        return 0;
    }
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        if (strcmp(known[i].name, written) == 0) {
            made->kind = known[i].kind;
            plan->name_count++;
            return 0;
        }
    }
    return -1;
}

static struct plan_text compile(struct words *words, const char *text,
                                enum template_form form)
{
    struct plan_text made = {.text = text, .len = strlen(text)};
    struct template_error error = {.problem = ""};

    if (template_is_one(text, made.len) &&
        template_compile(text, made.len, form, find_name, words, words->arena,
                         &made.template, &error) < 0)
        fail_msg("%s: %s", text, error.problem);
    return made;
}

struct plan_text words_text(struct words *words, const char *text)
{
    return compile(words, text, TEMPLATE_TEXT);
}

struct plan_text words_json(struct words *words, const char *text)
{
    return compile(words, text, TEMPLATE_JSON);
}

struct plan_pair words_pair(struct words *words, const char *key, const char *value)
{
    const struct plan_text text = words_text(words, value);

    return (struct plan_pair){.key = key, .value = value, .template = text.template};
}

struct plan_step *words_step(struct words *words, uint32_t index, const char *request)
{
    struct plan *plan = &words->stage.plan;
    struct plan_step *step = &words->steps[index];
    const char *path = strchr(request, ' ') + 1;

    assert_true(index < WORDS_STEPS);
    if (plan->step_count <= index)
        plan->step_count = index + 1;
    *step = (struct plan_step){
        .kind = PLAN_STEP_HTTP,
        .name = request,
        .target = PLAN_NONE,
        .http = {.method = arena_copy_bytes(words->arena, request,
                                            (size_t)(path - request) - 1),
                 .path = compile(words, path, TEMPLATE_PATH)},
    };
    return step;
}

void words_do(struct words *words, enum plan_op op, uint32_t a, uint32_t b)
{
    assert_true(words->instruction_count < COUNT_OF(words->instructions));
    words->instructions[words->instruction_count++] =
        (struct plan_instruction){.op = op, .a = a, .b = b};
}

void words_play(struct words *words, uint64_t duration_ns)
{
    stage_phase(&words->stage, PLAN_PHASE_SUSTAINED, 1, duration_ns);
    stage_open(&words->stage);
    stage_finish(&words->stage);
}

struct plan_assignment words_assign(struct words *words, const char *variable,
                                    const char *text)
{
    return (struct plan_assignment){.variable = words_variable(words, variable),
                                    .kind = PLAN_VALUE_TEXT,
                                    .text = words_text(words, text)};
}

void words_assert_heard(const struct words *words, size_t index, const char *expected)
{
    assert_true(index < words->heard_count);
    assert_string_equal(words->heard[index].line, expected);
}

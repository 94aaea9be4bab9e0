#include <errno.h>

#include "scenario/making.h"
#include "scenario/operation.h"
#include "scenario/text.h"

static const struct field expect_fields[] = {
    {ROW("status", FIELD_LIST, struct expect_form, status), .element = FIELD_COUNT,
     .min = "100", .max = "599",
     .help = "the statuses that are success; by default every 2xx"},
    {ROW("degraded", FIELD_LIST, struct expect_form, degraded), .element = FIELD_COUNT,
     .min = "100", .max = "599",
     .help = "the statuses that are success, but counted as `degraded` too"},
    {ROW("body", FIELD_TEXT, struct expect_form, body), .unit = "jq",
     .help = "what must hold of the body, else the request is a failed one "
             "(`check_failed`)"},
};

const struct field_table expect_table = {
    TABLE_OF("expect", expect_fields, struct expect_form,
             "What counts as success. Everything else is a failed request."),
    .short_key = "status",
    .example = "- http: GET /v1/models\n"
               "  expect: {status: [200, 503], degraded: [503], body: .data | length > "
               "0}\n"};

static const struct field check_fields[] = {
    {ROW("jq", FIELD_TEXT, struct check_form, jq), .flags = FIELD_ALTERNATIVE,
     .unit = "jq",
     .help = "holds over the body as JSON; of a stream over `{text, finish, usage}`"},
    {ROW("status", FIELD_LIST, struct check_form, status), .flags = FIELD_ALTERNATIVE,
     .element = FIELD_COUNT, .min = "100", .max = "599",
     .help = "the status is one of these"},
    {ROW("header", FIELD_PAIRS, struct check_form, header),
     .flags = FIELD_ALTERNATIVE | FIELD_LONE,
     .help = "a header is there, or has that value"},
    {ROW("contains", FIELD_TEXT, struct check_form, contains), .flags = FIELD_ALTERNATIVE,
     .help = "the body, or the words of a model's answer, have this in them"},
    {ROW("matches", FIELD_TEXT, struct check_form, matches), .flags = FIELD_ALTERNATIVE,
     .help = "they match this pattern (PCRE2)"},
    {ROW("latency", FIELD_DURATION, struct check_form, latency_ns),
     .flags = FIELD_ALTERNATIVE, .min = "1ns", .max = "24h",
     .help = "from sending it to the end of the answer it took less than this"},
};

const struct field_table check_table = {
    TABLE_OF(
        "check", check_fields, struct check_form,
        "What is looked at in an answer, by a name that the results show. It counts, "
        "and stops\nnothing: `checks` is the share that held, `checks{check:name}` "
        "that of one."),
    .alternatives = "check", .short_key = "jq",
    .example = "- http: GET /v1/models\n"
               "  check:\n"
               "    has models: .data | length > 0\n"
               "    is quick: {latency: 500ms}\n"
               "    is cached: {header: {X-Cache: HIT}}\n"
               "    names one: {matches: '\"id\": ?\"gpt-[0-9]'}\n"};

static void add_statuses(struct plan_status *statuses, size_t *count,
                         const struct config_items *given, bool degraded)
{
    const uint64_t *values = given->items;

    for (size_t i = 0; i < given->count; i++) {
        size_t at = 0;

        while (at < *count && statuses[at].status != values[i])
            at++;
        statuses[at] = (struct plan_status){(uint16_t)values[i], degraded};
        if (at == *count)
            (*count)++;
    }
}

int make_expect(struct making *making, const struct step_form *form,
                struct plan_step *step)
{
    const struct expect_form *expect = &form->expect;
    struct plan_status *statuses = making_array(
        making, expect->status.count + expect->degraded.count, sizeof(*statuses));

    if (!statuses)
        return -ENOMEM;
    step->expect = statuses;
    add_statuses(statuses, &step->expect_count, &expect->status, false);
    add_statuses(statuses, &step->expect_count, &expect->degraded, true);
    if (expect->degraded.count > 0 && expect->status.count == 0)
        return MAKING_REFUSE(
            making, expect->form.node,
            "list all: expect: {status: [200, 503], degraded: [503]}",
            "'degraded' without 'status': nothing else would be success");
    return 0;
}

static int make_statuses(struct making *making, const struct config_items *given,
                         struct plan_check *check)
{
    const uint64_t *values = given->items;
    uint16_t *statuses = making_array(making, given->count, sizeof(*statuses));

    if (!statuses)
        return -ENOMEM;
    for (size_t i = 0; i < given->count; i++)
        statuses[i] = (uint16_t)values[i];
    check->statuses = statuses;
    check->status_count = given->count;
    return 0;
}

/* A name, or one name with its value. */
static int make_header(struct making *making, const struct config_node *header,
                       struct plan_check *check)
{
    const bool lone = header->kind == CONFIG_SCALAR;
    const struct config_node *name = lone ? header : NULL;
    int r;

    if (!lone && header->count == 1)
        name = header->entries[0].key;
    if (!name)
        return MAKING_REFUSE(making, header, "write {header: {X-Cache: HIT}}",
                             "a check looks at one header");
    if (!making_is_header_name(name->text))
        return MAKING_REFUSE(making, name,
                             "letters, digits and - are usual, as in X-Team",
                             "'%s' is not a header's name", name->written);
    r = making_copy(making, name->text, &check->header);
    if (r < 0 || lone)
        return r;
    return making_text(making, header->entries[0].value, header->entries[0].value->text,
                       &check->text);
}

static int make_check(struct making *making, const struct check_form *form,
                      struct plan_check *check)
{
    const struct config_form *head = &form->form;
    unsigned groups;

    if (form->jq) {
        check->kind = PLAN_CHECK_QUERY;
        return making_query(making, making_place(head, "jq"), QUERY_OF_ANSWER, form->jq,
                            &check->query);
    }
    if (form->status.count > 0) {
        check->kind = PLAN_CHECK_STATUS;
        return make_statuses(making, &form->status, check);
    }
    if (form->header) {
        check->kind = PLAN_CHECK_HEADER;
        return make_header(making, form->header, check);
    }
    if (form->contains) {
        check->kind = PLAN_CHECK_CONTAINS;
        return making_text(making, making_place(head, "contains"), form->contains,
                           &check->text);
    }
    if (form->matches) {
        check->kind = PLAN_CHECK_MATCHES;
        return making_pattern(making, making_place(head, "matches"), form->matches,
                              &check->pattern, &groups);
    }
    check->kind = PLAN_CHECK_LATENCY;
    check->latency_ns = form->latency_ns;
    return 0; /* nothing at all was told when the form was filled */
}

/* `expect: {body: …}` is a check that has no name. */
static int make_expected(struct making *making, const struct expect_form *expect,
                         struct plan_check *check)
{
    *check = (struct plan_check){.name = "expect",
                                 .kind = PLAN_CHECK_QUERY,
                                 .pattern = PLAN_NONE,
                                 .expected = true};
    return making_query(making, making_place(&expect->form, "body"), QUERY_OF_ANSWER,
                        expect->body, &check->query);
}

int make_checks(struct making *making, const struct step_form *form,
                struct plan_step *step)
{
    const struct check_form *forms = form->checks.items;
    struct plan_check *checks =
        making_array(making, form->checks.count + 1, sizeof(*checks));
    size_t count = 0;
    int r = checks ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < form->checks.count; i++) {
        struct plan_check *check = &checks[count++];

        *check = (struct plan_check){.query = PLAN_NONE, .pattern = PLAN_NONE};
        r = making_copy(making, forms[i].form.key->text, &check->name);
        if (r == 0)
            r = make_check(making, &forms[i], check);
    }
    if (r == 0 && form->expect.body)
        r = make_expected(making, &form->expect, &checks[count++]);
    step->checks = checks;
    step->check_count = count;
    return r;
}

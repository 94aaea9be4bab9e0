/*
 * The examples of the reference page: each table has one, and each is a part of a scenario that is right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "scenario/form.h"
#include "written.h"

#define MAX_TABLES 128

/* What an example may leave away, by the key that it begins with. */
static const char *const rest[][2] = {
    {"scenario:", "scenario: example\n"},
    {"target:", "target: simulator\n"},
    {"models:", "models: {gpt-4o: {}, text-embedding-3-small: {}}\n"},
    {"vars:", "vars: {order: 1, n: 1, token: t, file: a, email: b}\n"},
    {"load:", "load: [{phase: sustained, users: 5, for: 1s}]\n"},
    {"metrics:", "metrics: {checkout_duration: {trend: time}}\n"},
};

struct tables {
    const struct field_table *seen[MAX_TABLES];
    size_t count;
};

/* The root, and all that it leads to. */
static void gather(struct tables *tables, const struct field_table *root)
{
    tables->seen[tables->count++] = root;
    for (size_t at = 0; at < tables->count; at++) {
        const struct field_table *table = tables->seen[at];

        for (size_t i = 0; i < table->count; i++) {
            const struct field_table *below = table->fields[i].table;
            size_t known = 0;

            while (below && known < tables->count && tables->seen[known] != below)
                known++;
            if (!below || known < tables->count)
                continue;
            assert_true(tables->count < MAX_TABLES);
            tables->seen[tables->count++] = below;
        }
    }
}

/* The lines, each behind some blanks. */
static void append_indented(const char *text, const char *blanks, struct buf *out)
{
    while (*text) {
        const size_t len = strcspn(text, "\n") + 1;

        buf_append_str(out, blanks);
        buf_append(out, text, len);
        text += len;
    }
}

static int begins_line(const char *text, const char *key)
{
    for (const char *at = text; (at = strstr(at, key)) != NULL; at++)
        if (at == text || at[-1] == '\n')
            return 1;
    return 0;
}

/* An example that is a step, a flow, or a part of a class, stands in a class. */
static void append_class(const char *example, struct buf *out)
{
    buf_append_str(out, "users:\n  person:\n");
    if (*example == '-') {
        buf_append_str(out, "    flow:\n      - http: GET /\n");
        append_indented(example, "      ", out);
        return;
    }
    append_indented(example, "    ", out);
    if (!begins_line(example, "flow:"))
        buf_append_str(out, "    flow: [{http: GET /}]\n");
}

/* A scenario with the example in it. */
static char *scenario_of(const char *example)
{
    struct buf text = BUF_INIT((size_t)1 << 16);

    for (size_t i = 0; i < COUNT_OF(rest); i++)
        if (!begins_line(example, rest[i][0]))
            buf_append_str(&text, rest[i][1]);
    if (begins_line(example, "users:"))
        buf_append_str(&text, example);
    else if (*example == '-' || begins_line(example, "flow:") ||
             begins_line(example, "think_time:"))
        append_class(example, &text);
    else
        buf_printf(&text, "%susers: {person: {flow: [{http: GET /}]}}\n", example);
    assert_int_equal(buf_error(&text), 0);
    return buf_take(&text);
}

/* Keys and addresses that examples take from the environment. */
static const char *look_up(void *ctx, const char *name)
{
    (void)ctx;
    return strstr(name, "URL") ? "https://example.test/" : "sk-example";
}

static void each_table_has_an_example_that_is_right(void **state)
{
    const struct scenario_options options = {.config = {.lookup = look_up}};
    struct tables tables = {.count = 0};

    (void)state;
    gather(&tables, &scenario_table);
    for (size_t i = 0; i < tables.count; i++) {
        const struct field_table *table = tables.seen[i];
        char *text;

        if (!table->example)
            fail_msg("%s has no example", table->name);
        text = scenario_of(table->example);
        print_message("# %s\n", table->name); /* which one fails */
        plan_free(written_plan(text, &options));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_table_has_an_example_that_is_right),
    };

    return cmocka_run_group_tests_name("scenario/examples", tests, NULL, NULL);
}

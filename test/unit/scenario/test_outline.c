#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "config/load.h"
#include "scenario/outline.h"

static struct outline *outline_of(const char *yaml)
{
    static const struct config_options options = {.has_environments = true};
    struct diag_list *diags = NULL;
    struct config_tree *tree = NULL;
    struct outline *outline = NULL;

    assert_int_equal(diag_list_new(10, &diags), 0);
    assert_int_equal(
        config_load_text("s.yaml", yaml, strlen(yaml), &options, diags, &tree), 0);
    assert_int_equal(outline_new(config_root(tree), &outline), 0);
    config_tree_free(tree);
    diag_list_free(diags);
    return outline;
}

/* What is said of the way from one text to another; refused: errors, else said. */
static void assert_change(const char *before, const char *after, const char *said,
                          size_t refused)
{
    struct outline *one = outline_of(before);
    struct outline *two = outline_of(after);
    struct outline_changes changes;
    struct diag_list *diags = NULL;
    struct buf text = BUF_INIT(4096);

    assert_int_equal(diag_list_new(10, &diags), 0);
    assert_int_equal(outline_compare(one, two, diags, &text, &changes), 0);
    assert_string_equal(buf_str(&text), said);
    assert_int_equal(changes.refused, refused);
    assert_int_equal(diag_count(diags), refused);
    buf_deinit(&text);
    diag_list_free(diags);
    outline_free(one);
    outline_free(two);
}

static void the_same_in_another_order_and_layout_is_the_same(void **state)
{
    (void)state;
    assert_change("a: 1\nload: [{users: 2, for: 1s}]\n",
                  "load:\n  - for: 1s   # a remark\n    users: 2\na: 1\n", "", 0);
    assert_change("a: 1\n", "a: 1\nenvironments: {x: {a: 2}}\n", "", 0);
}

static void what_may_change_is_said_with_both_values(void **state)
{
    (void)state;
    assert_change("load: [{users: 2}]\n", "load: [{users: 30}]\n", "load.0.users: 2 → 30",
                  0);
    assert_change("limits: {cost: 1 USD}\n", "limits: {duration: 2m}\n",
                  "limits.cost: gone, 1 USD; limits.duration: new, 2m", 0);
    assert_change("users: {a: {think_time: 2s}}\n",
                  "users: {a: {think_time: {base: 3s}}}\n",
                  "users.a.think_time: gone, 2s; users.a.think_time.base: new, 3s", 0);
}

static void what_may_not_is_an_error_and_its_values_are_not_said(void **state)
{
    (void)state;
    assert_change("key: one\nload: [{users: 2}]\n", "key: two\nload: [{users: 2}]\n", "",
                  1);
    assert_change("a: 1\nb: 2\n", "a: 1\n", "", 1);
    /* A number is not a text that looks like it. */
    assert_change("a: 1\n", "a: '1'\n", "", 1);
}

static void many_changes_are_counted(void **state)
{
    struct buf before = BUF_INIT(4096);
    struct buf after = BUF_INIT(4096);
    struct outline *one;
    struct outline *two;
    struct outline_changes changes;
    struct buf text = BUF_INIT(4096);

    (void)state;
    buf_append_str(&before, "load: [");
    buf_append_str(&after, "load: [");
    for (int i = 0; i < 20; i++) {
        buf_append_str(&before, "{users: 1}, ");
        buf_append_str(&after, "{users: 2}, ");
    }
    buf_append_str(&before, "]\n");
    buf_append_str(&after, "]\n");
    one = outline_of(buf_str(&before));
    two = outline_of(buf_str(&after));
    assert_int_equal(outline_compare(one, two, NULL, &text, &changes), 0);
    assert_int_equal(changes.allowed, 20);
    assert_non_null(strstr(buf_str(&text), "; and 8 more"));
    outline_free(one);
    outline_free(two);
    buf_deinit(&before);
    buf_deinit(&after);
    buf_deinit(&text);
}

static void think_times_are_told_from_what_is_only_called_so(void **state)
{
    static const char *const allowed[] = {
        "load.0.users",
        "limits.cost",
        "thresholds.ttft.0",
        "users.asker.think_time",
        "users.asker.think_time.base",
        "users.asker.flow.1.think",
        "users.asker.flow.1.think.base",
        "users.asker.flow.0.steps.2.think",
        "users.asker.flow.0.else.0.think",
        "users.asker.flow.3.pick.1.steps.0.think",
        "flows.login.2.think.max",
    };
    static const char *const refused[] = {
        "seed",
        "loads.0",
        "think_time",
        "users.asker.weight",
        "users.asker.flow.0.http.json.think",
        "users.asker.flow.0.http.json.0.think",
        "users.asker.flow.0.chat.max_tokens",
        "users.asker.flow.think",
        "users.think_time",
        "flows.think",
        "setup.run.0.think",
        "targets.a.limits",
        "",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        assert_true(outline_may_change(allowed[i]));
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_false(outline_may_change(refused[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_in_another_order_and_layout_is_the_same),
        cmocka_unit_test(what_may_change_is_said_with_both_values),
        cmocka_unit_test(what_may_not_is_an_error_and_its_values_are_not_said),
        cmocka_unit_test(many_changes_are_counted),
        cmocka_unit_test(think_times_are_told_from_what_is_only_called_so),
    };

    return cmocka_run_group_tests_name("outline", tests, NULL, NULL);
}

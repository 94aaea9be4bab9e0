#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "expr/selector.h"

static void labels_are_read_with_their_values(void **state)
{
    struct selector selector;

    (void)state;
    assert_int_equal(selector_parse("model:gpt-4o, step = ask", &selector), 0);
    assert_int_equal(selector.count, 2);
    assert_true(selector_label_is(selector_find(&selector, "model"), "gpt-4o"));
    assert_true(selector_label_is(selector_find(&selector, "step"), "ask"));
    assert_false(selector_label_is(selector_find(&selector, "step"), "ask2"));
    assert_false(selector_label_is(selector_find(&selector, "step"), NULL));
    assert_null(selector_find(&selector, "mod"));
    assert_null(selector_find(&selector, "models"));
}

static void a_value_may_hold_colons_and_in_quotes_commas(void **state)
{
    struct selector selector;

    (void)state;
    assert_int_equal(
        selector_parse("backend:127.0.0.1:8000,step:\"GET /a?b=1,2\" ", &selector), 0);
    assert_true(selector_label_is(selector_find(&selector, "backend"), "127.0.0.1:8000"));
    assert_true(selector_label_is(selector_find(&selector, "step"), "GET /a?b=1,2"));
}

static void org_is_short_for_org_id(void **state)
{
    struct selector selector;

    (void)state;
    assert_int_equal(selector_parse("org:acme", &selector), 0);
    assert_true(selector_label_is(selector_find(&selector, "org_id"), "acme"));
    assert_int_equal(selector_parse("org:a,org_id:b", &selector), -EINVAL);
}

static void nothing_selects_everything(void **state)
{
    struct selector selector;

    (void)state;
    assert_int_equal(selector_parse("", &selector), 0);
    assert_int_equal(selector.count, 0);
}

static void what_is_no_selector_is_refused(void **state)
{
    static const char *const bad[] = {"model",
                                      ":m",
                                      "model:",
                                      "model:a,",
                                      ",model:a",
                                      "a:1,a:2",
                                      "model:\"a",
                                      "model:\"a\"b",
                                      "model:a\"b\"",
                                      "a:1,,b:2",
                                      "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1"};
    struct selector selector;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(selector_parse(bad[i], &selector), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_are_read_with_their_values),
        cmocka_unit_test(a_value_may_hold_colons_and_in_quotes_commas),
        cmocka_unit_test(org_is_short_for_org_id),
        cmocka_unit_test(nothing_selects_everything),
        cmocka_unit_test(what_is_no_selector_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/variables.h"

#define TEXT(words) (&(struct variable){.text = (words), .len = sizeof(words) - 1})

static void assert_is(const struct variables *variables, uint32_t index,
                      const char *expected)
{
    struct variable value;

    assert_int_equal(variables_get(variables, index, &value), expected != NULL);
    if (expected) {
        assert_string_equal(value.text, expected);
        assert_int_equal(value.len, strlen(expected));
    }
}

static void a_value_of_ones_own_lies_over_that_of_all(void **state)
{
    struct variables *all = NULL;
    struct variables *own = NULL;

    (void)state;
    assert_int_equal(variables_new(3, NULL, &all), 0);
    assert_int_equal(variables_new(3, all, &own), 0);
    assert_int_equal(variables_set(all, 0, TEXT("everybody's")), 0);
    assert_int_equal(variables_set(all, 1, TEXT("everybody's too")), 0);
    assert_is(own, 0, "everybody's");
    assert_int_equal(variables_set(own, 0, TEXT("mine")), 0);
    variables_forget(own, 1);
    assert_is(own, 0, "mine");
    assert_is(own, 1, NULL);
    assert_is(own, 2, NULL);
    assert_is(all, 0, "everybody's");
    assert_is(all, 1, "everybody's too");
    own = variables_free(own);
    variables_free(all);
}

static void a_value_is_copied_and_keeps_its_bytes(void **state)
{
    struct variables *variables = NULL;
    struct variable value;
    char words[] = "a\0b";

    (void)state;
    assert_int_equal(variables_new(1, NULL, &variables), 0);
    assert_int_equal(
        variables_set(variables, 0,
                      &(struct variable){.text = words, .len = 3, .json = true}),
        0);
    memset(words, 'x', sizeof(words));
    assert_true(variables_get(variables, 0, &value));
    assert_int_equal(value.len, 3);
    assert_memory_equal(value.text, "a\0b", 4);
    assert_true(value.json);
    assert_int_equal(variables_set(variables, 0, &(struct variable){.text = NULL}), 0);
    assert_is(variables, 0, "");
    variables_free(variables);
}

static void a_value_that_is_too_long_is_refused_and_the_old_one_stays(void **state)
{
    struct variables *variables = NULL;
    char *words = calloc(1, VARIABLES_MAX_BYTES + 1);

    (void)state;
    assert_non_null(words);
    assert_int_equal(variables_new(1, NULL, &variables), 0);
    assert_int_equal(variables_set(variables, 0, TEXT("old")), 0);
    assert_int_equal(
        variables_set(variables, 0,
                      &(struct variable){.text = words, .len = VARIABLES_MAX_BYTES + 1}),
        -EMSGSIZE);
    assert_is(variables, 0, "old");
    assert_int_equal(
        variables_set(variables, 0,
                      &(struct variable){.text = words, .len = VARIABLES_MAX_BYTES}),
        0);
    variables_free(variables);
    free(words);
}

static void where_nobody_knows_anything_there_is_no_value(void **state)
{
    (void)state;
    assert_is(NULL, 0, NULL);
    assert_null(variables_free(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_of_ones_own_lies_over_that_of_all),
        cmocka_unit_test(a_value_is_copied_and_keeps_its_bytes),
        cmocka_unit_test(a_value_that_is_too_long_is_refused_and_the_old_one_stays),
        cmocka_unit_test(where_nobody_knows_anything_there_is_no_value),
    };

    return cmocka_run_group_tests_name("variables", tests, NULL, NULL);
}

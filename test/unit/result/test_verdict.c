#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "result/verdict.h"

static void a_run_without_verdicts_passed(void **state)
{
    const struct verdicts none = {0};

    (void)state;
    assert_int_equal(verdicts_exit_code(&none), EXIT_PASSED);
}

/* FAULTS.md: "Where several hold, the first of … is the exit code". */
static void codes_win_in_the_order_that_is_written_down(void **state)
{
    static const int order[] = {1,   2,   104, 113, 100, 107, 101, 114,
                                111, 108, 105, 116, 110, 99,  112, 115};

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(order) / sizeof(order[0]); i++) {
        struct verdicts verdicts = {0};

        verdicts_add(&verdicts, (enum exit_code)order[i + 1], "later");
        verdicts_add(&verdicts, (enum exit_code)order[i], "earlier");
        assert_int_equal(verdicts_exit_code(&verdicts), order[i]);
        assert_int_equal(exit_code_at(i), order[i]);
    }
}

static void every_code_has_words_and_is_below_126(void **state)
{
    (void)state;
    for (size_t i = 0; exit_code_at(i) != EXIT_PASSED; i++) {
        assert_non_null(exit_code_text((int)exit_code_at(i)));
        assert_true(exit_code_at(i) < 126);
    }
    assert_null(exit_code_text(77));
}

static void the_gravest_is_never_dropped_for_want_of_room(void **state)
{
    struct verdicts verdicts = {0};

    (void)state;
    for (int i = 0; i < VERDICTS_MAX + 5; i++)
        verdicts_add(&verdicts, EXIT_THRESHOLDS, "threshold %d", i);
    verdicts_add(&verdicts, EXIT_UNTRUSTED, "untrusted");
    verdicts_add(&verdicts, EXIT_NOT_SAVED, "not saved");
    assert_int_equal(verdicts_exit_code(&verdicts), EXIT_UNTRUSTED);
    assert_int_equal(verdicts.count, VERDICTS_MAX);
    assert_string_equal(verdicts.items[0].sentence, "threshold 0");
    assert_string_equal(verdicts.items[VERDICTS_MAX - 1].sentence, "untrusted");
}

static void too_many_verdicts_are_dropped_and_long_ones_cut(void **state)
{
    struct verdicts verdicts = {0};
    char text[1000];

    (void)state;
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    for (int i = 0; i < VERDICTS_MAX + 5; i++)
        verdicts_add(&verdicts, EXIT_COST, "%s", text);
    assert_int_equal(verdicts.count, VERDICTS_MAX);
    assert_int_equal(strlen(verdicts.items[0].sentence),
                     sizeof(verdicts.items[0].sentence) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_without_verdicts_passed),
        cmocka_unit_test(codes_win_in_the_order_that_is_written_down),
        cmocka_unit_test(every_code_has_words_and_is_below_126),
        cmocka_unit_test(the_gravest_is_never_dropped_for_want_of_room),
        cmocka_unit_test(too_many_verdicts_are_dropped_and_long_ones_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

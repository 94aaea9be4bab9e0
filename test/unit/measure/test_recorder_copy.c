#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "full_recorder.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "measure/spike.h"
#include "plan/plan.h"

static void assert_same(const struct recorder *recorder, const struct recorder_copy *copy)
{
    char *expected = told(recorder);
    char *seen = told(recorder_copy_view(copy));

    assert_string_equal(expected, seen);
    free(expected);
    free(seen);
}

static void a_copy_says_what_the_recorder_says(void **state)
{
    const size_t budgets[] = {1, 1000, 100000, SIZE_MAX};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(budgets); i++) {
        struct recorder *recorder = make();
        struct recorder_copy *copy = NULL;

        assert_int_equal(recorder_copy_new(recorder, &copy), 0);
        for (unsigned n = 0; n < 300; n++) {
            record(recorder, n);
            if (n % 100 < 99)
                continue;
            while (recorder_copy_step(copy, budgets[i]) == 0)
                continue;
            assert_same(recorder, copy);
        }
        recorder_copy_free(copy);
        recorder_free(recorder);
    }
}

/* What comes while a copy is under way may be in it or not; the next one has it. */
static void writing_between_slices_does_no_harm(void **state)
{
    struct recorder *recorder = make();
    struct recorder_copy *copy = NULL;
    unsigned n = 0;

    (void)state;
    assert_int_equal(recorder_copy_new(recorder, &copy), 0);
    for (; n < 20; n++)
        record(recorder, n);
    while (recorder_copy_step(copy, 1) == 0)
        record(recorder, n++);
    const uint64_t copied =
        recorder_total(recorder_copy_view(copy), RECORDER_ALL).counters->started;

    assert_true(copied >= 20 && copied < n);
    while (recorder_copy_step(copy, 5000) == 0)
        continue;
    assert_same(recorder, copy);
    recorder_copy_free(copy);
    recorder_free(recorder);
}

/* So that a step holds the loop no longer than its budget says. */
static void a_slice_copies_one_histogram_more_than_its_budget_at_most(void **state)
{
    struct recorder *recorder = make();
    struct recorder_copy *copy = NULL;
    size_t first = 0;
    size_t again = 0;

    (void)state;
    assert_int_equal(recorder_copy_new(recorder, &copy), 0);
    for (unsigned n = 0; n < 50; n++)
        record(recorder, n);
    do
        first++;
    while (recorder_copy_step(copy, 1) == 0);
    /* Two totals, five models, one phase, one prompt size, each in two parts, of 13 metrics. */
    assert_true(first > 16 * 13);
    /* Nothing has changed, so nothing is copied: looking alone takes few slices. */
    do
        again++;
    while (recorder_copy_step(copy, 1024 * 1024) == 0);
    assert_true(again <= 4);
    recorder_copy_free(copy);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_says_what_the_recorder_says),
        cmocka_unit_test(writing_between_slices_does_no_harm),
        cmocka_unit_test(a_slice_copies_one_histogram_more_than_its_budget_at_most),
    };

    return cmocka_run_group_tests_name("recorder_copy", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/integrity.h"
#include "measure/recorder.h"
#include "plan/plan.h"

#define KIND(kind) (UINT32_C(1) << (kind))

static void a_good_answer_has_nothing_wrong(void **state)
{
    const struct sample stream = good_stream();
    const struct sample body = good_body();

    (void)state;
    assert_int_equal(integrity_of(&stream), 0);
    assert_int_equal(integrity_of(&body), 0);
}

static void
an_answer_that_was_cut_off_is_not_one_that_lacks_its_finish_reason(void **state)
{
    struct sample sample = good_stream();

    (void)state;
    sample.outcome = OUTCOME_TRUNCATED;
    assert_int_equal(integrity_of(&sample), KIND(INTEGRITY_TRUNCATED));
    sample.flags |= SAMPLE_MISSING_FINISH;
    assert_int_equal(integrity_of(&sample), KIND(INTEGRITY_MISSING_FINISH));
}

static void several_things_may_be_wrong_with_one_answer(void **state)
{
    struct sample sample = good_stream();

    (void)state;
    sample.flags |= SAMPLE_MISSING_DONE | SAMPLE_CROSSED | SAMPLE_USAGE_PARTS;
    assert_int_equal(integrity_of(&sample), KIND(INTEGRITY_MISSING_DONE) |
                                                KIND(INTEGRITY_CROSSED) |
                                                KIND(INTEGRITY_USAGE_PARTS));
}

static void each_kind_has_a_name_a_sentence_and_at_most_one_flag(void **state)
{
    uint32_t seen = 0;

    (void)state;
    for (enum integrity kind = 0; kind < INTEGRITY_COUNT; kind++) {
        assert_true(strlen(integrity_name(kind)) > 4);
        assert_int_equal(integrity_help(kind)[strlen(integrity_help(kind)) - 1], '.');
        for (enum integrity other = 0; other < kind; other++)
            assert_string_not_equal(integrity_name(kind), integrity_name(other));
    }
    for (unsigned bit = 0; bit < 32; bit++) {
        struct sample sample = good_stream();

        sample.flags = UINT32_C(1) << bit;
        assert_int_equal(integrity_of(&sample) & seen, 0);
        seen |= integrity_of(&sample);
    }
    assert_int_equal(seen | KIND(INTEGRITY_TRUNCATED), KIND(INTEGRITY_COUNT) - 1);
}

static void the_recorder_counts_answers_and_kinds(void **state)
{
    static const struct plan plan = {.max_series = 10};
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    const struct counters *counters = NULL;
    struct recorder *recorder = NULL;
    struct sample sample = good_stream();

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    recorder_sample(recorder, &sample);
    sample.flags |= SAMPLE_MISSING_DONE;
    recorder_sample(recorder, &sample);
    sample.flags |= SAMPLE_USAGE_TOTAL;
    recorder_sample(recorder, &sample);
    counters = recorder_total(recorder, RECORDER_WINDOW).counters;
    assert_int_equal(counters->unsound, 2);
    assert_int_equal(counters->integrity[INTEGRITY_MISSING_DONE], 2);
    assert_int_equal(counters->integrity[INTEGRITY_USAGE_TOTAL], 1);
    assert_int_equal(counters->integrity[INTEGRITY_CROSSED], 0);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_answer_has_nothing_wrong),
        cmocka_unit_test(
            an_answer_that_was_cut_off_is_not_one_that_lacks_its_finish_reason),
        cmocka_unit_test(several_things_may_be_wrong_with_one_answer),
        cmocka_unit_test(each_kind_has_a_name_a_sentence_and_at_most_one_flag),
        cmocka_unit_test(the_recorder_counts_answers_and_kinds),
    };

    return cmocka_run_group_tests_name("integrity", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 100};

static struct recorder *make(void)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* An answer to a prompt of so many tokens, as a turn of its conversation. */
static struct sample turn_of(uint32_t turn, uint64_t prompt_tokens)
{
    struct sample sample = good_stream();

    sample.turn = turn;
    sample.prompt_tokens = prompt_tokens;
    return sample;
}

static void prompts_are_counted_by_turn(void **state)
{
    struct recorder *recorder = make();
    const struct sample first = turn_of(1, 50);
    const struct sample second = turn_of(2, 160);
    const struct sample another_second = turn_of(2, 180);
    const struct sample in_no_conversation = turn_of(0, 7);
    struct sample refused = turn_of(2, 0);
    struct sample outside = turn_of(2, 900);
    struct turn_view turn;

    (void)state;
    refused.outcome = OUTCOME_RATE_LIMITED;
    outside.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    recorder_sample(recorder, &first);
    recorder_sample(recorder, &second);
    recorder_sample(recorder, &another_second);
    recorder_sample(recorder, &in_no_conversation);
    recorder_sample(recorder, &refused);
    recorder_sample(recorder, &outside);
    assert_true(recorder_turn(recorder, 1, &turn));
    assert_int_equal(turn.requests, 1);
    assert_int_equal(turn.prompt_tokens, 50);
    assert_true(recorder_turn(recorder, 2, &turn));
    assert_int_equal(turn.requests, 3);
    assert_int_equal(turn.prompts, 2);
    assert_int_equal(turn.prompt_tokens, 340);
    assert_int_equal(histogram_count(turn.ttft), 2);
    assert_int_equal(histogram_censored(turn.ttft), 1);
    assert_false(recorder_turn(recorder, 3, &turn));
    recorder_free(recorder);
}

static void the_last_turn_stands_for_all_later_ones(void **state)
{
    struct recorder *recorder = make();
    struct turn_view turn;

    (void)state;
    for (uint32_t i = RECORDER_TURNS - 1; i <= RECORDER_TURNS + 2; i++) {
        const struct sample sample = turn_of(i, 1000);

        recorder_sample(recorder, &sample);
    }
    assert_true(recorder_turn(recorder, RECORDER_TURNS - 1, &turn));
    assert_int_equal(turn.requests, 1);
    assert_true(recorder_turn(recorder, RECORDER_TURNS, &turn));
    assert_int_equal(turn.requests, 3);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_are_counted_by_turn),
        cmocka_unit_test(the_last_turn_stands_for_all_later_ones),
    };

    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}

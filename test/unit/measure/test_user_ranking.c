#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "measure/user_ranking.h"
#include "plan/plan.h"

static const struct plan plan = {.max_series = 10};

static void answer(struct recorder *recorder, uint64_t user, uint64_t ms, bool fails)
{
    const struct sample sample = {.outcome = fails ? OUTCOME_TOTAL_TIMEOUT : OUTCOME_OK,
                                  .flags = SAMPLE_CHAT | SAMPLE_IN_WINDOW,
                                  .user = user,
                                  .due_ns = NS_PER_S,
                                  .sent_ns = NS_PER_S,
                                  .wire_ns = NS_PER_S,
                                  .first_byte_ns = fails ? 0 : NS_PER_S + 1,
                                  .end_ns = NS_PER_S + ms * NS_PER_MS,
                                  .completion_tokens = 7};

    recorder_started(recorder, sample.sent_ns, LABELS_OTHER, true);
    recorder_sample(recorder, &sample);
}

/* Users 0 to 29 take 10, 20, … ms; 5 fails once, 7 three times, 9 twice of two. */
static void who_fared_worst_is_told_in_order(void **state)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = UINT64_MAX};
    struct recorder *recorder = NULL;
    struct user_ranking ranking;

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (uint64_t user = 0; user < 30; user++)
        for (int i = 0; i < 20; i++)
            if (user != 9)
                answer(recorder, user, 10 * (user + 1), false);
    answer(recorder, 5, 1000, true);
    for (int i = 0; i < 3; i++)
        answer(recorder, 7, 1000, true);
    answer(recorder, 9, 1000, true);
    answer(recorder, 9, 1000, true);
    user_ranking_of(recorder, &ranking);

    assert_int_equal(ranking.count, 30);
    assert_int_equal(ranking.failed, 3);
    assert_int_equal(ranking.failing_count, 3);
    assert_int_equal(ranking.failing[0].user.ordinal, 7);
    assert_int_equal(ranking.failing[1].user.ordinal, 9);
    assert_int_equal(ranking.failing[2].user.ordinal, 5);
    assert_int_equal(ranking.failing[0].user.completion_tokens, 23 * 7);
    /* Whose answers never came in 5 of 100 cases, then whose came latest. */
    assert_int_equal(ranking.slowest_count, USER_RANKING_MOST);
    assert_true(ranking.slowest[0].p95.above);
    assert_int_equal(ranking.slowest[0].user.ordinal, 7);
    assert_int_equal(ranking.slowest[1].user.ordinal, 9);
    assert_int_equal(ranking.slowest[2].user.ordinal, 29);
    assert_int_equal(ranking.slowest[2].max.value_ns, 300 * NS_PER_MS);
    assert_int_equal(ranking.slowest[9].user.ordinal, 22);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_fared_worst_is_told_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

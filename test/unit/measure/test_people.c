#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "plan/plan.h"

#define MAX_SEEN 8

static struct recorder *make(const struct plan *plan)
{
    const struct recorder_options options = {.plan = plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* An answered chat of a user. */
static struct sample chat_of(uint64_t user)
{
    struct sample sample = good_stream();

    sample.flags |= SAMPLE_CHAT;
    sample.user = user;
    sample.cost_pusd = 1000;
    return sample;
}

static void record(struct recorder *recorder, struct sample sample)
{
    recorder_sample(recorder, &sample);
}

struct seen {
    struct user_view users[MAX_SEEN];
    size_t count;
};

static void look(void *ctx, const struct user_view *user)
{
    struct seen *seen = ctx;

    assert_true(seen->count < MAX_SEEN);
    seen->users[seen->count++] = *user;
}

static struct seen look_at(const struct recorder *recorder)
{
    struct seen seen = {.count = 0};

    recorder_each_user(recorder, look, &seen);
    return seen;
}

static void each_user_has_their_own_counters_over_the_whole_run(void **state)
{
    static const struct plan plan = {.max_series = 100};
    struct recorder *recorder = make(&plan);
    struct sample outside = chat_of(7);
    struct sample retried = chat_of(7);
    struct sample page = good_body();
    struct seen seen;

    (void)state;
    outside.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    retried.attempt = 1;
    retried.outcome = OUTCOME_RESET;
    retried.completion_tokens = 2;
    retried.cost_pusd = 7;
    page.user = 7;
    record(recorder, chat_of(0));
    record(recorder, outside);
    record(recorder, retried);
    record(recorder, page);
    seen = look_at(recorder);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.users[0].ordinal, 0);
    assert_int_equal(seen.users[0].requests, 1);
    assert_int_equal(seen.users[1].ordinal, 7);
    assert_int_equal(seen.users[1].requests, 3);
    assert_int_equal(seen.users[1].questions, 1);
    assert_int_equal(seen.users[1].failed, 1);
    assert_int_equal(seen.users[1].prompt_tokens, 200);
    assert_int_equal(seen.users[1].completion_tokens, 11);
    assert_int_equal(seen.users[1].cost_pusd, 1007);
    recorder_free(recorder);
}

static void a_worker_finds_its_own_share_of_the_ordinals(void **state)
{
    static const struct plan plan = {
        .max_series = 100, .worker_index = 2, .worker_count = 3};
    struct recorder *recorder = make(&plan);
    struct seen seen;

    (void)state;
    record(recorder, chat_of(2));
    record(recorder, chat_of(5));
    record(recorder, chat_of(3 * 2000 + 2));
    seen = look_at(recorder);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.users[0].ordinal, 2);
    assert_int_equal(seen.users[1].ordinal, 5);
    assert_int_equal(seen.users[2].ordinal, 3 * 2000 + 2);
    recorder_free(recorder);
}

static void users_past_the_limit_are_counted_together(void **state)
{
    static const struct plan plan = {.max_series = 100};
    struct recorder *recorder = make(&plan);
    struct seen seen;

    (void)state;
    record(recorder, chat_of(RECORDER_USERS - 1));
    record(recorder, chat_of(RECORDER_USERS));
    record(recorder, chat_of(UINT64_MAX));
    seen = look_at(recorder);
    assert_int_equal(seen.count, 2);
    assert_int_equal(seen.users[0].ordinal, RECORDER_USERS - 1);
    assert_int_equal(seen.users[1].ordinal, RECORDER_OTHER_USERS);
    assert_int_equal(seen.users[1].requests, 2);
    recorder_free(recorder);
}

/* recorder.h says 384 bytes a user, and nothing more once they are known. */
static void a_user_takes_what_the_header_says(void **state)
{
    static const struct plan plan = {.max_series = 100};
    const uint64_t users = 4096;
    struct recorder *recorder = make(&plan);
    size_t before, once;

    (void)state;
    record(recorder, chat_of(0));
    before = mallinfo2().uordblks;
    /* A sanitizer's allocator counts nothing: there the other builds have to tell. */
    for (uint64_t user = 0; user < users; user++)
        record(recorder, chat_of(user));
    once = mallinfo2().uordblks;
    if (before > 0)
        assert_in_range(once - before, 1, users * 385);
    for (uint64_t user = 0; user < users; user++)
        record(recorder, chat_of(user));
    assert_int_equal(mallinfo2().uordblks, once);
    recorder_free(recorder);
}

static void absurd_costs_never_wrap(void **state)
{
    static const struct plan plan = {.max_series = 100};
    struct recorder *recorder = make(&plan);
    struct sample dear = chat_of(1);

    (void)state;
    dear.cost_pusd = INT64_MAX;
    record(recorder, dear);
    record(recorder, chat_of(1));
    assert_int_equal(look_at(recorder).users[0].cost_pusd, INT64_MAX);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_user_has_their_own_counters_over_the_whole_run),
        cmocka_unit_test(a_worker_finds_its_own_share_of_the_ordinals),
        cmocka_unit_test(users_past_the_limit_are_counted_together),
        cmocka_unit_test(a_user_takes_what_the_header_says),
        cmocka_unit_test(absurd_costs_never_wrap),
    };

    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}

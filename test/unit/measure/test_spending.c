#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/recorder.h"
#include "measure/spending.h"
#include "plan/plan.h"

static struct recorder *make(void)
{
    static const struct plan plan = {.max_series = 100};
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

/* A chat that cost so much: 400 ms of generation, 100 tokens in, 9 out. */
static struct sample chat(uint64_t user, int64_t cost_pusd)
{
    struct sample sample = good_stream();

    sample.flags |= SAMPLE_CHAT;
    sample.user = user;
    sample.cost_pusd = cost_pusd;
    return sample;
}

static void record(struct recorder *recorder, struct sample sample)
{
    recorder_sample(recorder, &sample);
}

static void assert_costs(struct unit_cost cost, int64_t pusd)
{
    assert_true(cost.known);
    assert_int_equal(cost.pusd, pusd);
}

static void money_is_divided_to_the_pico_dollar(void **state)
{
    struct recorder *recorder = make();
    struct sample plain = good_body();
    struct sample broken = chat(2, 1000000);
    struct spending spending;

    (void)state;
    record(recorder, chat(1, 3000000));
    record(recorder, chat(1, 3000001));
    broken.outcome = OUTCOME_RESET; /* billed all the same */
    record(recorder, broken);
    plain.prompt_tokens =
        10; /* has no time of generation, so its cost is in no such rate */
    plain.completion_tokens = 5;
    plain.cost_pusd = 999;
    record(recorder, plain);
    spending = spending_of(recorder_total(recorder, RECORDER_ALL).counters);
    assert_int_equal(spending.total_pusd, 7001000);
    /* 310 + 32 tokens. 7,001,000 × 10^6 ÷ 342 = 20,470,760,233.9; ÷ 32 = 218,781,250,000. */
    assert_costs(spending.per_million_tokens, 20470760234);
    assert_costs(spending.per_million_output_tokens, 218781250000);
    /* 7,000,001 in three times 0.4 s: 5,833,334.17. */
    assert_costs(spending.per_generation_second, 5833334);
    /* Three were ok: 2,333,666.67. */
    assert_costs(spending.per_ok_request, 2333667);
    assert_true(fabs(spending.output_tokens_per_usd - 32 / 7001000e-12) < 1);
    recorder_free(recorder);
}

static void a_time_that_is_not_known_is_in_neither_side_of_the_rate(void **state)
{
    struct recorder *recorder = make();
    struct sample heap = chat(1, 4000);
    struct sample one_chunk = chat(1, 5000);
    struct spending spending;

    (void)state;
    heap.flags |= SAMPLE_GENERATION_UNKNOWN;
    one_chunk.chunks = 1;
    record(recorder, heap);
    record(recorder, one_chunk);
    spending = spending_of(recorder_total(recorder, RECORDER_ALL).counters);
    assert_false(spending.per_generation_second.known);
    record(recorder, chat(1, 400));
    spending = spending_of(recorder_total(recorder, RECORDER_ALL).counters);
    assert_costs(spending.per_generation_second, 1000);
    assert_int_equal(spending.total_pusd, 9400);
    recorder_free(recorder);
}

static void what_has_no_divisor_is_not_known(void **state)
{
    struct recorder *recorder = make();
    struct sample refused = good_body();
    struct spending spending;

    (void)state;
    refused.outcome = OUTCOME_RATE_LIMITED;
    record(recorder, refused);
    spending = spending_of(recorder_total(recorder, RECORDER_ALL).counters);
    assert_int_equal(spending.total_pusd, 0);
    assert_false(spending.per_million_tokens.known);
    assert_false(spending.per_generation_second.known);
    assert_false(spending.per_ok_request.known);
    assert_true(isnan(spending.output_tokens_per_usd));
    recorder_free(recorder);
}

static void the_dearest_users_come_first(void **state)
{
    struct recorder *recorder = make();
    struct spending_users users;

    (void)state;
    for (uint64_t user = 0; user < 50; user++)
        record(recorder, chat(user, (int64_t)((user * 7) % 50) * 1000));
    record(recorder, chat(3, 500));
    spending_of_users(recorder, &users);
    assert_int_equal(users.count, 50);
    assert_costs(users.mean, (49 * 50 / 2 * 1000 + 500) / 50);
    assert_int_equal(users.dearest_count, SPENDING_USERS);
    for (size_t i = 0; i < SPENDING_USERS; i++)
        assert_int_equal(users.dearest[i].ordinal * 7 % 50, 49 - i);
    record(recorder, chat(50, 49000)); /* as dear as the first, who stays before */
    spending_of_users(recorder, &users);
    assert_int_equal(users.dearest[0].cost_pusd, users.dearest[1].cost_pusd);
    assert_int_equal(users.dearest[1].ordinal, 50);
    assert_int_equal(users.dearest[0].questions, 1);
    recorder_free(recorder);
}

static void who_cost_nothing_is_counted_and_not_listed(void **state)
{
    struct recorder *recorder = make();
    struct spending_users users;

    (void)state;
    spending_of_users(recorder, &users);
    assert_false(users.mean.known);
    record(recorder, chat(4, 0));
    record(recorder, chat(9, 10));
    spending_of_users(recorder, &users);
    assert_int_equal(users.count, 2);
    assert_costs(users.mean, 5);
    assert_int_equal(users.dearest_count, 1);
    assert_int_equal(users.dearest[0].ordinal, 9);
    recorder_free(recorder);
}

static void money_of_window_and_rest_is_added_without_wrapping(void **state)
{
    struct recorder *recorder = make();
    struct sample outside = chat(1, INT64_MAX - 5);
    struct spending spending;

    (void)state;
    outside.flags &= ~(uint32_t)SAMPLE_IN_WINDOW;
    record(recorder, outside);
    record(recorder, chat(1, 100));
    spending = spending_of(recorder_total(recorder, RECORDER_ALL).counters);
    assert_int_equal(spending.total_pusd, INT64_MAX);
    assert_costs(spending.per_generation_second, INT64_MAX);
    recorder_free(recorder);
}

static void prices_are_known_where_any_model_has_one(void **state)
{
    const struct plan_model models[] = {{.name = "a"}, {.name = "b", .priced = true}};

    (void)state;
    assert_false(spending_is_known(&(struct plan){.models = models, .model_count = 1}));
    assert_true(spending_is_known(&(struct plan){.models = models, .model_count = 2}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_is_divided_to_the_pico_dollar),
        cmocka_unit_test(a_time_that_is_not_known_is_in_neither_side_of_the_rate),
        cmocka_unit_test(what_has_no_divisor_is_not_known),
        cmocka_unit_test(the_dearest_users_come_first),
        cmocka_unit_test(who_cost_nothing_is_counted_and_not_listed),
        cmocka_unit_test(money_of_window_and_rest_is_added_without_wrapping),
        cmocka_unit_test(prices_are_known_where_any_model_has_one),
    };

    return cmocka_run_group_tests_name("spending", tests, NULL, NULL);
}

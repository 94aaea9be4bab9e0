#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "plan/plan.h"
#include "workload/pause.h"

#define DRAWS 10000
#define MS(count) ((count) * NS_PER_MS)

/* Every distribution without limits, with usual ones, with one side only, and with cruel ones. */
static const struct plan_pause pauses[] = {
    {PLAN_PAUSE_UNIFORM, MS(3000), MS(1500), 0, UINT64_MAX},
    {PLAN_PAUSE_UNIFORM, MS(3000), MS(1500), MS(2000), MS(10000)},
    {PLAN_PAUSE_UNIFORM, MS(3000), MS(1500), MS(4400), MS(10000)},
    {PLAN_PAUSE_UNIFORM, MS(1000), MS(1500), 0, UINT64_MAX},
    {PLAN_PAUSE_UNIFORM, MS(3000), MS(1500), MS(4490), MS(4495)},
    {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(500), 0, UINT64_MAX},
    {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(1500), MS(500), MS(10000)},
    {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(1500), MS(3000), UINT64_MAX},
    {PLAN_PAUSE_GAUSSIAN, MS(1000), MS(1500), 0, MS(1200)},
    {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(1500), MS(6500), MS(7000)},
    {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(500), 0, MS(1500)},
    {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, 0, UINT64_MAX},
    {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, MS(500), MS(10000)},
    {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, 0, MS(200)},
    {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, MS(12000), UINT64_MAX},
    {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, MS(2999), MS(3001)},
    {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(500), 0, UINT64_MAX},
    {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(1500), MS(500), MS(10000)},
    {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(3000), MS(4000), UINT64_MAX},
    {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(1500), 0, MS(1000)},
    {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(1500), MS(7900), MS(8000)},
};

/* LOAD-3: z below 4 over 10,000 draws, the standard error taken from the draws. */
static void the_mean_of_the_draws_agrees_with_the_analytic_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        const double expected = pause_mean_ns(&pauses[i]);
        struct rng rng;
        double sum = 0;
        double squares = 0;
        double error;
        double z;

        rng_init(&rng, 42, i, 0, RNG_TEST);
        for (int n = 0; n < DRAWS; n++) {
            const uint64_t drawn_ns = pause_draw_ns(&pauses[i], &rng);
            const double distance = (double)drawn_ns - expected;

            assert_true(drawn_ns >= pauses[i].min_ns && drawn_ns <= pauses[i].max_ns);
            sum += distance;
            squares += distance * distance;
        }
        error = sqrt((squares / DRAWS - sum / DRAWS * sum / DRAWS) / DRAWS);
        z = sum / DRAWS / error;
        if (fabs(z) >= 4)
            fail_msg("pause %zu: drawn mean is %.1f standard errors off", i, z);
    }
}

/* The same mean from numbers that nobody here computed: tables and hand calculation. */
static void known_means_come_out(void **state)
{
    static const struct {
        struct plan_pause pause;
        double mean_ms;
    } known[] = {
        {{PLAN_PAUSE_NONE, MS(5), MS(5), MS(1), MS(9)}, 0},
        {{PLAN_PAUSE_CONSTANT, MS(5), 0, 0, UINT64_MAX}, 5},
        {{PLAN_PAUSE_CONSTANT, MS(5), 0, MS(7), UINT64_MAX}, 7},
        {{PLAN_PAUSE_CONSTANT, MS(5), 0, 0, MS(2)}, 2},
        {{PLAN_PAUSE_UNIFORM, MS(100), MS(50), 0, UINT64_MAX}, 100},
        {{PLAN_PAUSE_UNIFORM, MS(100), MS(50), MS(80), MS(120)}, 100},
        {{PLAN_PAUSE_UNIFORM, MS(100), MS(50), MS(120), MS(900)}, 135},
        /* Half-normal: mean + sd·√(2/π). */
        {{PLAN_PAUSE_GAUSSIAN, MS(1000), MS(100), MS(1000), UINT64_MAX}, 1079.78845608},
        /* Without memory: the tail's mean is limit + base. */
        {{PLAN_PAUSE_EXPONENTIAL, MS(1000), 0, MS(500), UINT64_MAX}, 1500},
        /* ∫0..1 x e^-x / (1 − 1/e) = (e − 2)/(e − 1). */
        {{PLAN_PAUSE_EXPONENTIAL, MS(1000), 0, 0, MS(1000)}, 418.023293131},
        {{PLAN_PAUSE_LOGNORMAL, MS(1000), MS(700), 0, UINT64_MAX}, 1000},
        {{PLAN_PAUSE_GAUSSIAN, MS(10), 0, 0, MS(20)}, 10},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(known); i++) {
        const double mean_ms = pause_mean_ns(&known[i].pause) / (double)NS_PER_MS;

        if (fabs(mean_ms - known[i].mean_ms) > 1e-6 * (1 + known[i].mean_ms))
            fail_msg("pause %zu: %.9f ms, not %.9f", i, mean_ms, known[i].mean_ms);
    }
}

static void limits_out_of_reach_give_the_nearer_limit(void **state)
{
    static const struct {
        struct plan_pause pause;
        uint64_t drawn_ns;
    } far[] = {
        {{PLAN_PAUSE_UNIFORM, MS(10), MS(5), MS(40), MS(50)}, MS(40)},
        {{PLAN_PAUSE_UNIFORM, MS(100), MS(5), MS(40), MS(50)}, MS(50)},
        {{PLAN_PAUSE_GAUSSIAN, MS(10), MS(1), MS(900), UINT64_MAX}, MS(900)},
        {{PLAN_PAUSE_EXPONENTIAL, MS(1), 0, MS(5000), MS(6000)}, MS(5000)},
        {{PLAN_PAUSE_LOGNORMAL, MS(1000), MS(1), 0, MS(10)}, MS(10)},
        {{PLAN_PAUSE_CONSTANT, MS(1000), 0, 0, MS(10)}, MS(10)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(far); i++) {
        struct rng rng;

        rng_init(&rng, 1, i, 0, RNG_TEST);
        assert_int_equal(pause_draw_ns(&far[i].pause, &rng), far[i].drawn_ns);
        assert_true(fabs(pause_mean_ns(&far[i].pause) - (double)far[i].drawn_ns) < 1);
    }
}

static void equal_streams_draw_equal_pauses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(pauses); i++) {
        struct rng one;
        struct rng other;

        rng_init(&one, 9, i, 3, RNG_THINK);
        rng_init(&other, 9, i, 3, RNG_THINK);
        for (int n = 0; n < 100; n++)
            assert_int_equal(pause_draw_ns(&pauses[i], &one),
                             pause_draw_ns(&pauses[i], &other));
    }
}

static void the_spread_of_the_draws_is_the_one_asked_for(void **state)
{
    static const struct plan_pause free_pauses[] = {
        {PLAN_PAUSE_UNIFORM, MS(3000), MS(1500), 0, UINT64_MAX},
        {PLAN_PAUSE_GAUSSIAN, MS(3000), MS(300), 0, UINT64_MAX},
        {PLAN_PAUSE_EXPONENTIAL, MS(3000), 0, 0, UINT64_MAX},
        {PLAN_PAUSE_LOGNORMAL, MS(3000), MS(900), 0, UINT64_MAX},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(free_pauses); i++) {
        const double mean = pause_mean_ns(&free_pauses[i]);
        struct rng rng;
        double squares = 0;

        rng_init(&rng, 5, i, 0, RNG_TEST);
        for (int n = 0; n < DRAWS; n++) {
            const double distance = (double)pause_draw_ns(&free_pauses[i], &rng) - mean;

            squares += distance * distance;
        }
        assert_true(fabs(sqrt(squares / DRAWS) / pause_raw_sd_ns(&free_pauses[i]) - 1) <
                    0.06);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mean_of_the_draws_agrees_with_the_analytic_one),
        cmocka_unit_test(known_means_come_out),
        cmocka_unit_test(limits_out_of_reach_give_the_nearer_limit),
        cmocka_unit_test(equal_streams_draw_equal_pauses),
        cmocka_unit_test(the_spread_of_the_draws_is_the_one_asked_for),
    };

    return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}

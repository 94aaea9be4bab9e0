/* LOAD-2: when arrivals are due. No engine: moments alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "engine/arrival_curve.h"
#include "engine/arrival_times.h"
#include "plan/plan.h"

#define S(s) ((uint64_t)(s) * NS_PER_S)

static const struct plan_phase minute = {
    .kind = PLAN_PHASE_SUSTAINED, .rate_per_s = 10, .duration_ns = S(60)};

static struct plan plan_of(enum plan_arrival_kind kind, double burstiness,
                           const struct plan_phase *phases, size_t count)
{
    return (struct plan){
        .seed = 5,
        .phases = phases,
        .phase_count = count,
        .arrivals = {.kind = kind, .burstiness = burstiness, .users = 10},
        .worker_count = 1,
    };
}

static struct arrival_times *open_curve(const struct plan *plan)
{
    struct arrival_times *times = NULL;

    assert_int_equal(arrival_curve_new(plan, &times), 0);
    return times;
}

/* All moments that are left, at most max. */
static size_t drain(struct arrival_times *times, uint64_t *at_ns, size_t max)
{
    uint64_t number;
    size_t count = 0;

    while (count < max && times->ops->peek(times, &at_ns[count], &number)) {
        times->ops->take(times);
        count++;
    }
    return count;
}

static void constant_arrivals_come_evenly_and_exactly(void **state)
{
    const struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, &minute, 1);
    struct arrival_times *times = open_curve(&plan);
    uint64_t number;
    uint64_t at_ns;

    (void)state;
    for (uint64_t i = 0; i < 600; i++) {
        assert_true(times->ops->peek(times, &at_ns, &number));
        assert_int_equal(number, i);
        assert_int_equal(at_ns, i * 100 * NS_PER_MS);
        times->ops->take(times);
    }
    assert_false(times->ops->peek(times, &at_ns, &number));
    times->ops->free(times);
}

/* Rates that no binary number holds: each phase has what it should, and none is one off. */
static void phases_do_not_gain_or_lose_arrivals(void **state)
{
    struct plan_phase phases[50];
    struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, phases, 50);
    struct arrival_times *times;
    static uint64_t at_ns[2000];

    (void)state;
    for (size_t i = 0; i < 50; i++)
        phases[i] = (struct plan_phase){
            .kind = PLAN_PHASE_SUSTAINED, .rate_per_s = 0.1, .duration_ns = S(70)};
    times = open_curve(&plan);
    assert_int_equal(drain(times, at_ns, 2000), 350);
    for (size_t i = 0; i < 350; i++)
        assert_true(at_ns[i] - i * S(10) <= 1 || i * S(10) - at_ns[i] <= 1);
    times->ops->free(times);
}

static void ramps_follow_the_integral_of_the_rate(void **state)
{
    const struct plan_phase phases[] = {
        {.kind = PLAN_PHASE_RAMP_UP,
         .shape = PLAN_SHAPE_LINEAR,
         .rate_per_s = 10,
         .duration_ns = S(20)},
        {.kind = PLAN_PHASE_PAUSE, .from_rate_per_s = 10, .duration_ns = S(5)},
        {.kind = PLAN_PHASE_SUSTAINED,
         .from_rate_per_s = 10,
         .rate_per_s = 10,
         .duration_ns = S(1)}};
    const struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, phases, 3);
    struct arrival_times *times = open_curve(&plan);
    uint64_t at_ns[200];

    (void)state;
    assert_int_equal(drain(times, at_ns, 200), 110);
    assert_int_equal(at_ns[0], 0);
    assert_int_equal(at_ns[25], S(10)); /* 25 of 100 by half of the ramp */
    assert_true(at_ns[99] < S(20));
    assert_int_equal(at_ns[100], S(25)); /* nobody comes in a pause */
    times->ops->free(times);
}

struct shape {
    enum plan_arrival_kind kind;
    double burstiness;
};

static void gaps_have_the_mean_and_variance_asked_for(void **state)
{
    static const struct shape shapes[] = {{PLAN_ARRIVALS_POISSON, 1},
                                          {PLAN_ARRIVALS_GAMMA, 0.25},
                                          {PLAN_ARRIVALS_GAMMA, 1},
                                          {PLAN_ARRIVALS_GAMMA, 4}};
    static uint64_t at_ns[100000];
    const struct plan_phase phase = {
        .kind = PLAN_PHASE_SUSTAINED, .rate_per_s = 1000, .duration_ns = S(100)};

    (void)state;
    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        const struct plan plan = plan_of(shapes[i].kind, shapes[i].burstiness, &phase, 1);
        struct arrival_times *times = open_curve(&plan);
        const size_t count = drain(times, at_ns, 100000);
        const double variance = 1 / shapes[i].burstiness; /* of gaps of mean 1 */
        const double n = 90000;
        double sum = 0;
        double squares = 0;

        assert_true(count >= 90000);
        for (size_t j = 1; j < 90000; j++) {
            const double gap = (double)(at_ns[j] - at_ns[j - 1]) * 1000 / NS_PER_S;

            sum += gap;
            squares += gap * gap;
        }
        /* Four standard errors; of the variance with the kurtosis of a gamma, 3 + 6/shape. */
        assert_true(fabs(sum / n - 1) < 4 * sqrt(variance / n));
        assert_true(fabs(squares / n - sum / n * sum / n - variance) <
                    4 * variance * sqrt((2 + 6 / shapes[i].burstiness) / n));
        times->ops->free(times);
    }
}

/* Kolmogorov and Smirnov: gaps of a Poisson process are exponential; under a ramp, in rescaled time. */
static void rescaled_gaps_of_a_ramp_are_exponential(void **state)
{
    const struct plan_phase phase = {.kind = PLAN_PHASE_RAMP_UP,
                                     .shape = PLAN_SHAPE_LINEAR,
                                     .rate_per_s = 400,
                                     .duration_ns = S(100)};
    const struct plan plan = plan_of(PLAN_ARRIVALS_POISSON, 0, &phase, 1);
    struct arrival_times *times = open_curve(&plan);
    static uint64_t at_ns[30000];
    static uint64_t bins[1000]; /* of the distribution function */
    const size_t count = drain(times, at_ns, 30000);
    double before = 0;
    double most = 0;
    uint64_t so_far = 0;

    (void)state;
    assert_true(fabs((double)count - 20000) < 4 * sqrt(20000));
    for (size_t i = 0; i < count; i++) {
        const double expected = plan_phase_arrivals(&phase, at_ns[i]);

        bins[(size_t)((1 - exp(before - expected)) * 1000)]++;
        before = expected;
    }
    for (size_t i = 0; i < 1000; i++) {
        so_far += bins[i];
        most = fmax(most, fabs((double)so_far / (double)count - (double)(i + 1) / 1000));
    }
    assert_true(most < 1.95 / sqrt((double)count)); /* p = 0.001 */
    times->ops->free(times);
}

/* Whoever takes them, the arrivals are those of one worker. */
static void workers_share_one_sequence(void **state)
{
    static uint64_t whole[700];
    static uint64_t at_ns[700];
    struct plan plan = plan_of(PLAN_ARRIVALS_GAMMA, 0.5, &minute, 1);
    struct arrival_times *times = open_curve(&plan);
    const size_t count = drain(times, whole, 700);

    (void)state;
    times->ops->free(times);
    for (uint32_t workers = 2; workers <= 7; workers++) {
        size_t seen = 0;

        plan.worker_count = workers;
        for (plan.worker_index = 0; plan.worker_index < workers; plan.worker_index++) {
            size_t mine;

            times = open_curve(&plan);
            mine = drain(times, at_ns, 700);
            for (size_t i = 0; i < mine; i++)
                assert_int_equal(at_ns[i], whole[i * workers + plan.worker_index]);
            seen += mine;
            times->ops->free(times);
        }
        assert_int_equal(seen, count);
    }
}

static void another_plan_goes_on_from_where_the_load_is(void **state)
{
    const struct plan_phase faster = {
        .kind = PLAN_PHASE_SUSTAINED, .rate_per_s = 20, .duration_ns = S(60)};
    const struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, &minute, 1);
    const struct plan next = plan_of(PLAN_ARRIVALS_CONSTANT, 0, &faster, 1);
    struct arrival_times *times = open_curve(&plan);
    static uint64_t at_ns[2000];

    (void)state;
    assert_int_equal(drain(times, at_ns, 101), 101); /* up to 10 s */
    assert_int_equal(times->ops->follow(times, &next, S(10)), 0);
    assert_int_equal(drain(times, at_ns, 2000), 50 * 20 - 1);
    assert_int_equal(at_ns[0], S(10) + 50 * NS_PER_MS);
    times->ops->free(times);
}

static void a_rate_that_is_set_holds_from_then_on(void **state)
{
    const struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, &minute, 1);
    struct arrival_times *times = open_curve(&plan);
    uint64_t at_ns[200];
    uint64_t number;

    (void)state;
    assert_int_equal(drain(times, at_ns, 100), 100);
    times->ops->set_rate(times, 2, S(10));
    assert_int_equal(drain(times, at_ns, 4), 4);
    assert_int_equal(at_ns[0], S(10));
    assert_int_equal(at_ns[1], S(10) + 500 * NS_PER_MS);
    times->ops->set_rate(times, 0, S(12));
    assert_false(times->ops->peek(times, at_ns, &number));
    times->ops->set_rate(times, 1, S(20));
    assert_int_equal(drain(times, at_ns, 2), 2);
    assert_int_equal(at_ns[0], S(20));
    assert_int_equal(at_ns[1], S(21));
    times->ops->set_rate(times, 1e-15, S(21) + S(1) / 2);
    assert_false(times->ops->peek(times, at_ns, &number));
    times->ops->free(times);
}

static void phases_may_be_added_behind_the_last(void **state)
{
    const struct plan_phase more = {
        .kind = PLAN_PHASE_SUSTAINED, .rate_per_s = 5, .duration_ns = S(10)};
    const struct plan plan = plan_of(PLAN_ARRIVALS_CONSTANT, 0, &minute, 1);
    struct arrival_times *times = open_curve(&plan);
    static uint64_t at_ns[700];

    (void)state;
    assert_int_equal(drain(times, at_ns, 700), 600);
    assert_int_equal(times->ops->append(times, &more), 0);
    assert_int_equal(drain(times, at_ns, 700), 50);
    assert_int_equal(at_ns[0], S(60));
    assert_int_equal(at_ns[49], S(69) + 800 * NS_PER_MS);
    times->ops->free(times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constant_arrivals_come_evenly_and_exactly),
        cmocka_unit_test(phases_do_not_gain_or_lose_arrivals),
        cmocka_unit_test(ramps_follow_the_integral_of_the_rate),
        cmocka_unit_test(gaps_have_the_mean_and_variance_asked_for),
        cmocka_unit_test(rescaled_gaps_of_a_ramp_are_exponential),
        cmocka_unit_test(workers_share_one_sequence),
        cmocka_unit_test(another_plan_goes_on_from_where_the_load_is),
        cmocka_unit_test(a_rate_that_is_set_holds_from_then_on),
        cmocka_unit_test(phases_may_be_added_behind_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

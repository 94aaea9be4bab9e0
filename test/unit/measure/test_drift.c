/* Drifts, from samples to the judgement of a threshold: everything in made-up time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rng.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "measure/threshold.h"
#include "plan/plan.h"

#define START_NS (100 * NS_PER_S)
#define RAMP_S UINT64_C(100)
#define HOLD_S UINT64_C(1000)

static const struct plan_phase phases[] = {
    {.kind = PLAN_PHASE_RAMP_UP,
     .name = "ramp-up",
     .duration_ns = RAMP_S * NS_PER_S,
     .users = 10},
    {.kind = PLAN_PHASE_SUSTAINED,
     .name = "sustained",
     .duration_ns = HOLD_S * NS_PER_S,
     .users = 10},
    {.kind = PLAN_PHASE_SUSTAINED,
     .name = "sustained-2",
     .duration_ns = 10 * NS_PER_S,
     .users = 10},
};

struct rig {
    struct plan_threshold threshold;
    struct plan plan;
    struct recorder *recorder;
    uint64_t ended_s; /* when the load was over, since the start */
    uint64_t seed;
};

static void rig_init(struct rig *rig, const char *metric, const char *selector,
                     const char *expression)
{
    *rig = (struct rig){
        .threshold = {.metric = metric, .selector = selector, .expression = expression},
        .plan = {.max_series = 100,
                 .phases = phases,
                 .phase_count = COUNT_OF(phases),
                 .threshold_count = 1},
        .ended_s = RAMP_S + HOLD_S + 10,
    };
    rig->plan.thresholds = &rig->threshold;
    const struct recorder_options options = {.plan = &rig->plan,
                                             .started_ns = START_NS,
                                             .window_start_ns = START_NS,
                                             .window_end_ns = START_NS + 2000 * NS_PER_S,
                                             .interval_ns = NS_PER_S};

    assert_int_equal(recorder_new(&options, &rig->recorder), 0);
}

static void rig_deinit(struct rig *rig)
{
    recorder_free(rig->recorder);
}

/* One request: of an odd or even one's model; ms < 0: it failed after so long. */
static void send(struct rig *rig, uint64_t due_ns, uint64_t number, double ms)
{
    const struct label set[] = {{"model", number % 2 ? "odd" : "even"}};
    struct sample sample = {.flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW,
                            .due_ns = due_ns,
                            .sent_ns = due_ns,
                            .wire_ns = due_ns,
                            .chunks = 2,
                            .completion_tokens = 2};
    const uint64_t after_ns = (uint64_t)((ms < 0 ? -ms : ms) * (double)NS_PER_MS);

    assert_int_equal(
        labels_intern(recorder_labels(rig->recorder), set, COUNT_OF(set), &sample.labels),
        0);
    sample.end_ns = due_ns + after_ns;
    if (ms < 0) {
        sample.outcome = OUTCOME_HTTP_5XX;
        sample.chunks = 0;
        sample.completion_tokens = 0;
    } else {
        sample.first_output_ns = due_ns + after_ns;
        sample.last_output_ns = due_ns + after_ns;
    }
    recorder_started(rig->recorder, due_ns, sample.labels, true);
    recorder_sample(rig->recorder, &sample);
}

/* How long a request takes, by the second since the start and a random number from 0 to 1. */
typedef double course_fn(double second, double chance);

/* Ten requests a second, until the load is over. */
static void drive(struct rig *rig, course_fn *course)
{
    struct rng rng;

    rng_init(&rng, rig->seed, 0, 0, RNG_TEST);
    for (uint64_t i = 0; i < rig->ended_s * 10; i++) {
        const double second = (double)i / 10;

        send(rig, START_NS + i * (NS_PER_S / 10), i, course(second, rng_unit(&rng)));
    }
}

static struct threshold_judgement judge(const struct rig *rig)
{
    return threshold_judge(&rig->threshold, rig->recorder,
                           START_NS + rig->ended_s * NS_PER_S, NULL);
}

static void assert_near(double value, double expected, double off)
{
    assert_true(value > expected - off && value < expected + off);
}

/* From 100 ms to 200 ms while the phase lasts, ± 20 ms; a ramp that was far worse counts nothing. */
static double rising(double second, double chance)
{
    if (second < RAMP_S)
        return 5000;
    return 100 + (second - RAMP_S) / 10 + (chance - 0.5) * 40;
}

static void what_rises_is_told_with_both_quarters_and_fails(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<10%");
    drive(&rig, rising);
    const struct threshold_judgement judgement = judge(&rig);

    assert_true(judgement.known && !judgement.passed && !judgement.above);
    /* The middles of the quarters: 112.5 and 187.5 ms. */
    assert_near(judgement.change.first, 112.5, 2);
    assert_near(judgement.change.last, 187.5, 2);
    assert_near(judgement.value, 75 / 112.5, 0.03);
    assert_true(judgement.change.low > 0.5 && judgement.change.high < 0.85);
    assert_int_equal(judgement.change.unit, THRESHOLD_UNIT_MS);
    assert_string_equal(judgement.change.phase, "sustained");
    /* Two quarters of the phase: neither the ramp nor the middle is in them. */
    assert_near((double)judgement.samples, 5000, 200);
    rig_deinit(&rig);
}

static void a_limit_above_the_drift_holds(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<80%");
    drive(&rig, rising);
    assert_true(judge(&rig).passed);
    rig_deinit(&rig);
}

/* Now and then something takes a hundred times as long. */
static double restless(double second, double chance)
{
    (void)second;
    return chance < 0.02 ? 10000 : 100;
}

/*
 * The two quarters of a restless, steady phase differ by more than any reasonable limit often, and that
 * is chance: of 100 such runs about 5 may be taken for a drift, and far fewer than differ by 2%.
 */
static void chance_is_no_drift(void **state)
{
    unsigned beyond = 0;
    unsigned failed = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct rig rig;

        rig_init(&rig, "ttft", "", "drift(avg)<2%");
        rig.seed = seed;
        drive(&rig, restless);
        const struct threshold_judgement judgement = judge(&rig);

        beyond += judgement.value > 0.02;
        failed += !judgement.passed;
        rig_deinit(&rig);
    }
    assert_true(beyond > 30);
    assert_true(failed < 10);
}

static void a_phase_that_ends_early_has_quarters_of_its_own(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<10%");
    rig.ended_s = RAMP_S + 400;
    drive(&rig, rising);
    const struct threshold_judgement judgement = judge(&rig);

    /* The middles of quarters of 400 s: 105 and 135 ms. */
    assert_true(judgement.known && !judgement.passed);
    assert_near(judgement.change.first, 105, 2);
    assert_near(judgement.change.last, 135, 2);
    rig_deinit(&rig);
}

static void assert_unknown(const struct rig *rig, const char *lack)
{
    const struct threshold_judgement judgement = judge(rig);

    assert_false(judgement.known);
    assert_false(judgement.passed);
    assert_non_null(judgement.lack);
    assert_non_null(strstr(judgement.lack, lack));
}

static void too_little_is_no_data(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<10%");
    assert_unknown(&rig, "too few");
    rig.ended_s = RAMP_S;
    assert_unknown(&rig, "too short");
    rig_deinit(&rig);

    /* Of 2500 requests a quarter, 4 parts of 625 have no p99.9. */
    rig_init(&rig, "ttft", "", "drift(p(99.9))<10%");
    drive(&rig, rising);
    assert_unknown(&rig, "too few");
    rig_deinit(&rig);
}

/* Of the odd numbers alone, and of all. */
static double failing_later(double second, double chance)
{
    return second > RAMP_S + HOLD_S / 2.0 && chance < 0.2 ? -50 : 100;
}

static void a_share_drifts_in_points_since_it_may_begin_at_nothing(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "error_rate", "model:odd", "drift(rate)<5%");
    drive(&rig, failing_later);
    const struct threshold_judgement judgement = judge(&rig);

    assert_true(judgement.known && !judgement.passed);
    assert_near(judgement.value, 0.2, 0.04);
    assert_near(judgement.change.first, 0, 1e-9);
    assert_near((double)judgement.samples, 2500, 100);
    rig_deinit(&rig);
}

/* What never answers late in the phase is no faster than it was. */
static double dying(double second, double chance)
{
    (void)chance;
    return second > RAMP_S + HOLD_S / 2.0 ? -10 : 100;
}

static void answers_that_never_came_are_a_drift(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(95))<10%");
    drive(&rig, dying);
    const struct threshold_judgement judgement = judge(&rig);

    assert_true(judgement.known && judgement.above && !judgement.passed);
    rig_deinit(&rig);
}

/* A copy that was begun early and followed the slices as they were joined says the same. */
static void a_copy_says_the_same(void **state)
{
    struct recorder_copy *copy = NULL;
    struct rig rig;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<10%");
    assert_int_equal(recorder_copy_new(rig.recorder, &copy), 0);
    for (uint64_t i = 0; i < rig.ended_s * 10; i++) {
        send(&rig, START_NS + i * (NS_PER_S / 10), i, rising((double)i / 10, 0.5));
        if (i % 7 == 0)
            assert_true(recorder_copy_step(copy, 20000) >= 0);
    }
    while (recorder_copy_step(copy, 20000) == 0)
        ;
    while (recorder_copy_step(copy, 20000) == 0)
        ;
    const struct threshold_judgement own = judge(&rig);
    const struct threshold_judgement copied =
        threshold_judge(&rig.threshold, recorder_copy_view(copy),
                        START_NS + rig.ended_s * NS_PER_S, NULL);

    assert_true(copied.known);
    assert_near(copied.value, own.value, 1e-12);
    assert_int_equal(copied.samples, own.samples);
    recorder_copy_free(copy);
    rig_deinit(&rig);
}

/* A reload makes the phase twice as long: its quarters are those of what it became. */
static void a_reload_may_make_the_phase_longer(void **state)
{
    static const struct plan_phase longer[] = {{.kind = PLAN_PHASE_RAMP_UP,
                                                .name = "ramp-up",
                                                .duration_ns = RAMP_S * NS_PER_S,
                                                .users = 10},
                                               {.kind = PLAN_PHASE_SUSTAINED,
                                                .name = "sustained",
                                                .duration_ns = 2 * HOLD_S * NS_PER_S,
                                                .users = 10}};
    struct rig rig;
    struct plan plan;

    (void)state;
    rig_init(&rig, "ttft", "", "drift(p(50))<10%");
    plan = rig.plan;
    plan.phases = longer;
    plan.phase_count = COUNT_OF(longer);
    drive(&rig, rising);
    assert_int_equal(
        recorder_follow(rig.recorder, &plan, START_NS + (RAMP_S + HOLD_S) * NS_PER_S), 0);
    for (uint64_t i = rig.ended_s * 10; i < (RAMP_S + 2 * HOLD_S) * 10; i++)
        send(&rig, START_NS + i * (NS_PER_S / 10), i, rising((double)i / 10, 0.5));
    rig.ended_s = RAMP_S + 2 * HOLD_S;
    const struct threshold_judgement judgement = judge(&rig);

    /* The middles of quarters of 2,000 s: 125 and 275 ms. */
    assert_near(judgement.change.first, 125, 3);
    assert_near(judgement.change.last, 275, 3);
    rig_deinit(&rig);
}

static void gaps_between_chunks_drift_too(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig, "icl", "", "drift(avg)<10%");
    for (uint64_t i = 0; i < rig.ended_s * 10; i++) {
        const uint64_t due_ns = START_NS + i * (NS_PER_S / 10);

        send(&rig, due_ns, i, 100);
        recorder_gap(rig.recorder, LABELS_OTHER, true,
                     (uint64_t)(rising((double)i / 10, 0.5) * (double)NS_PER_MS));
    }
    assert_near(judge(&rig).value, 75 / 112.5, 0.03);
    rig_deinit(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_rises_is_told_with_both_quarters_and_fails),
        cmocka_unit_test(a_limit_above_the_drift_holds),
        cmocka_unit_test(chance_is_no_drift),
        cmocka_unit_test(a_phase_that_ends_early_has_quarters_of_its_own),
        cmocka_unit_test(too_little_is_no_data),
        cmocka_unit_test(a_share_drifts_in_points_since_it_may_begin_at_nothing),
        cmocka_unit_test(answers_that_never_came_are_a_drift),
        cmocka_unit_test(a_copy_says_the_same),
        cmocka_unit_test(a_reload_may_make_the_phase_longer),
        cmocka_unit_test(gaps_between_chunks_drift_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

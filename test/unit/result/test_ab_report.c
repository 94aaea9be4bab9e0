/*
 * Arms of one run: whether a known difference is found, and none where there is none; in virtual time, many times.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/rng.h"
#include "measure/arm_view.h"
#include "measure/labels.h"
#include "measure/recorder.h"
#include "measure/sample.h"
#include "plan/plan.h"
#include "result/ab_report.h"

#define RUNS 20
#define PAIRS 1500
#define BEGIN (1000 * NS_PER_S)
#define RUN_NS (60 * NS_PER_S)
#define MS(ms) ((uint64_t)((ms) * (double)NS_PER_MS))

static const struct plan_arm arms[] = {
    {.name = "current", .weight = 1, .target = PLAN_NONE},
    {.name = "candidate", .weight = 1, .target = PLAN_NONE},
};

static const struct plan plan = {
    .name = "ab",
    .max_series = 100,
    .worker_count = 1,
    .ab = {.arms = arms, .arm_count = 2},
};

/* How the candidate differs. */
struct truth {
    double slower;     /* factor of its first outputs */
    double fails;      /* share of its requests */
    int64_t cost_pusd; /* of one of its requests; the other's: 1,000 */
};

static uint32_t intern_arm(struct recorder *recorder, const char *arm)
{
    const struct label label = {.key = "arm", .value = arm};
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(recorder), &label, 1, &id), 0);
    return id;
}

static void ask(struct recorder *recorder, uint32_t labels, uint64_t due_ns,
                double ttft_ms, bool fails, int64_t cost_pusd)
{
    const struct sample sample = {
        .labels = labels,
        .outcome = fails ? OUTCOME_HTTP_5XX : OUTCOME_OK,
        .status = fails ? 500 : 200,
        .flags = SAMPLE_STREAMED | SAMPLE_IN_WINDOW | SAMPLE_CHAT,
        .due_ns = due_ns,
        .sent_ns = due_ns,
        .wire_ns = due_ns,
        .headers_ns = due_ns + MS(1),
        .first_byte_ns = fails ? 0 : due_ns + MS(ttft_ms),
        .first_event_ns = fails ? 0 : due_ns + MS(ttft_ms),
        .first_output_ns = fails ? 0 : due_ns + MS(ttft_ms),
        .last_output_ns = fails ? 0 : due_ns + MS(ttft_ms + 200),
        .end_ns = due_ns + MS(ttft_ms + 200),
        .chunks = fails ? 0 : 21,
        .completion_tokens = fails ? 0 : 21,
        .cost_pusd = cost_pusd,
    };

    recorder_started(recorder, due_ns, labels, true);
    recorder_sample(recorder, &sample);
}

/*
 * A run in which both arms share all that moves: the service becomes slower by half and recovers twice a minute, and
 * questions take from half as long to twice as long as others.
 */
static void play(uint64_t seed, const struct truth *truth, struct recorder **ret_recorder)
{
    const struct recorder_options options = {.plan = &plan,
                                             .started_ns = BEGIN,
                                             .window_start_ns = BEGIN,
                                             .window_end_ns = BEGIN + RUN_NS,
                                             .interval_ns = NS_PER_S};
    struct recorder *recorder = NULL;
    struct rng rng;
    uint32_t ids[2];

    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (size_t i = 0; i < 2; i++)
        ids[i] = intern_arm(recorder, arms[i].name);
    rng_init(&rng, seed, 0, 0, RNG_TEST);
    for (uint64_t i = 0; i < PAIRS; i++) {
        const uint64_t due_ns = BEGIN + RUN_NS / PAIRS * i;
        const double tide = 1 + 0.25 * sin(4 * M_PI * (double)i / PAIRS);
        const double question = exp(0.35 * rng_normal(&rng));

        for (size_t arm = 0; arm < 2; arm++) {
            const double noise = exp(0.25 * rng_normal(&rng));

            ask(recorder, ids[arm], due_ns + arm * MS(5),
                200 * tide * question * noise * (arm ? truth->slower : 1),
                arm && rng_unit(&rng) < truth->fails, arm ? truth->cost_pusd : 1000);
        }
    }
    recorder_end_arms(recorder, BEGIN + RUN_NS);
    *ret_recorder = recorder;
}

static const struct ab_difference *find(const struct ab_report *report,
                                        const char *metric, const char *aggregate)
{
    const struct ab_difference *of = NULL;

    for (size_t i = 0; (of = ab_report_at(report, i)) != NULL; i++)
        if (strcmp(of->difference.figure->metric, metric) == 0 &&
            strcmp(of->difference.figure->aggregate, aggregate) == 0)
            return of;
    return NULL;
}

static bool is_found(const struct ab_difference *of)
{
    return of->verdict == DIFFERENCE_REGRESSION || of->verdict == DIFFERENCE_IMPROVEMENT;
}

static void fifteen_percent_are_found_in_run_after_run(void **state)
{
    const struct truth truth = {.slower = 1.15, .cost_pusd = 1000};
    int found = 0;
    int covered = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct recorder *recorder = NULL;
        struct ab_report *report = NULL;
        const struct ab_difference *of = NULL;

        play(seed, &truth, &recorder);
        assert_int_equal(ab_report_new(recorder, &plan, &report), 0);
        of = find(report, "ttft", "p50");
        assert_non_null(of);
        found += of->verdict == DIFFERENCE_REGRESSION;
        covered +=
            of->difference.contrast.low <= 0.15 && of->difference.contrast.high >= 0.15;
        ab_report_free(report);
        recorder_free(recorder);
    }
    assert_in_range(found, RUNS - 1, RUNS);
    assert_in_range(covered, RUNS - 4, RUNS);
}

/* Of 5 in 100 runs any of all figures may be: of 20, three are still likely (8%), five are not (0.3%). */
static void equal_arms_are_not_told_apart(void **state)
{
    const struct truth truth = {.slower = 1, .cost_pusd = 1000};
    int flagged = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        struct recorder *recorder = NULL;
        struct ab_report *report = NULL;
        const struct ab_difference *of = NULL;
        bool is_any = false;

        play(seed, &truth, &recorder);
        assert_int_equal(ab_report_new(recorder, &plan, &report), 0);
        for (size_t i = 0; (of = ab_report_at(report, i)) != NULL; i++)
            is_any |= is_found(of);
        flagged += is_any;
        ab_report_free(report);
        recorder_free(recorder);
    }
    assert_in_range(flagged, 0, 3);
}

static void all_that_is_sure_is_told_in_words(void **state)
{
    const struct truth truth = {.slower = 1.4, .fails = 0.1, .cost_pusd = 500};
    struct recorder *recorder = NULL;
    struct ab_report *report = NULL;
    struct buf said = BUF_INIT(4096);

    (void)state;
    play(1, &truth, &recorder);
    assert_int_equal(ab_report_new(recorder, &plan, &report), 0);
    ab_report_say_arm(report, "candidate", &said);
    assert_non_null(strstr(buf_str(&said), "% slower than current at ttft p50 (+"));
    assert_non_null(
        strstr(buf_str(&said), "of requests worse than current at error_rate"));
    assert_non_null(strstr(buf_str(&said),
                           "50% cheaper than current at cost_per_request (−50% to −50%, "
                           "p<0.001)"));
    assert_string_equal(find(report, "ttft", "p50")->difference.selector,
                        "arm=candidate");
    buf_deinit(&said);
    ab_report_free(report);
    recorder_free(recorder);
}

/* The base's figure lies among those that never came. */
static void a_difference_from_a_bound_is_one_too(void **state)
{
    const struct truth truth = {.slower = 1.4};
    struct recorder *recorder = NULL;
    struct ab_report *report = NULL;
    struct buf said = BUF_INIT(4096);
    struct ab_difference of;

    (void)state;
    play(1, &truth, &recorder);
    assert_int_equal(ab_report_new(recorder, &plan, &report), 0);
    of = *find(report, "ttft", "p95");
    of.difference.contrast.base_above = true;
    of.difference.contrast.difference = -40;
    of.difference.contrast.change = -0.4;
    of.verdict = DIFFERENCE_IMPROVEMENT;
    ab_report_say(report, &of, &said);
    assert_non_null(strstr(buf_str(&said),
                           "candidate is at least 40% faster than current at ttft p95"));
    buf_deinit(&said);
    ab_report_free(report);
    recorder_free(recorder);
}

static void what_nothing_is_known_of_is_no_figure(void **state)
{
    const struct truth truth = {.slower = 1, .cost_pusd = 0};
    struct plan one = plan;
    struct recorder *recorder = NULL;
    struct ab_report *report = NULL;

    (void)state;
    play(1, &truth, &recorder);
    assert_int_equal(ab_report_new(recorder, &plan, &report), 0);
    assert_non_null(find(report, "tpot", "p95"));
    assert_non_null(find(report, "error_rate", "rate"));
    assert_null(find(report, "icl", "p95"));
    assert_null(find(report, "cost_per_request", "mean")); /* one of them has no price */
    ab_report_free(report);
    one.ab.arm_count = 0;
    assert_int_equal(ab_report_new(recorder, &one, &report), 0);
    assert_null(report);
    assert_null(ab_report_at(report, 0));
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifteen_percent_are_found_in_run_after_run),
        cmocka_unit_test(equal_arms_are_not_told_apart),
        cmocka_unit_test(all_that_is_sure_is_told_in_words),
        cmocka_unit_test(a_difference_from_a_bound_is_one_too),
        cmocka_unit_test(what_nothing_is_known_of_is_no_figure),
    };

    return cmocka_run_group_tests_name("result/ab_report", tests, NULL, NULL);
}

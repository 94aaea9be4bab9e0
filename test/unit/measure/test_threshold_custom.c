/* Thresholds on what scripts tell: metrics of the scenario's own, checks, iterations, groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/metric.h"
#include "plan/plan.h"

enum { LOGINS, TOKENS, ERRORS, GOOD, DEPTH, WAIT };

static const struct plan_metric metrics[] = {
    [LOGINS] = {.name = "login_duration", .kind = PLAN_METRIC_TREND, .is_time = true},
    [TOKENS] = {.name = "context", .kind = PLAN_METRIC_TREND, .unit = "tokens"},
    [ERRORS] = {.name = "auth_errors", .kind = PLAN_METRIC_COUNTER},
    [GOOD] = {.name = "good", .kind = PLAN_METRIC_RATE},
    [DEPTH] = {.name = "depth", .kind = PLAN_METRIC_GAUGE},
    [WAIT] = {.name = "wait", .kind = PLAN_METRIC_GAUGE, .is_time = true},
};

/* Of ten seconds: ten requests of two steps with all that scripts tell of them. */
static void fill(struct recorder *recorder)
{
    for (uint32_t i = 0; i < 10; i++) {
        const struct label set[] = {{"step", i % 2 ? "buy" : "list"},
                                    {"group", i % 2 ? "::shop" : ""}};
        struct sample sample = good_body();

        assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &sample.labels),
                         0);
        recorder_started(recorder, sample.sent_ns, sample.labels, true);
        recorder_sample(recorder, &sample);
        recorder_metric(recorder, LOGINS, sample.labels, true, 100 + 10 * i);
        recorder_metric(recorder, TOKENS, sample.labels, true, 1000 * i);
        recorder_metric(recorder, GOOD, sample.labels, true, i != 3);
        recorder_metric(recorder, DEPTH, sample.labels, true, i == 5 ? -2.0 : i);
        recorder_metric(recorder, WAIT, sample.labels, true, 250);
        recorder_checked(recorder, sample.labels, true, "is 200", i != 4);
        recorder_checked(recorder, sample.labels, true, "has models", true);
        if (i % 2)
            recorder_group(recorder, sample.labels, true, MS(100 * i));
    }
    recorder_users(recorder, MS(1), (struct user_counts){.wanted = 5, .active = 5});
    recorder_users(recorder, MS(2), (struct user_counts){.wanted = 3, .active = 3});
    for (int i = 0; i < 4; i++)
        recorder_iteration(recorder, LABELS_OTHER, true, MS(1000));
}

/* Judges with the scenario's metrics, `good` under another name if there is one. */
static struct threshold_judgement judge_named(const char *good, const char *metric,
                                              const char *selector,
                                              const char *expression)
{
    struct plan_metric named[COUNT_OF(metrics)];
    const struct plan_threshold threshold = {
        .metric = metric, .selector = selector, .expression = expression};
    const struct plan plan = {.max_series = 100,
                              .thresholds = &threshold,
                              .threshold_count = 1,
                              .metrics = named,
                              .metric_count = COUNT_OF(metrics)};
    const struct recorder_options options = {
        .plan = &plan, .window_end_ns = MS(10000), .interval_ns = MS(1000)};
    struct recorder *recorder = NULL;

    memcpy(named, metrics, sizeof(metrics));
    if (good)
        named[GOOD].name = good;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    fill(recorder);
    const struct threshold_judgement judgement =
        threshold_judge(&threshold, recorder, MS(10000), NULL);

    recorder_free(recorder);
    return judgement;
}

static struct threshold_judgement judge(const char *metric, const char *selector,
                                        const char *expression)
{
    return judge_named(NULL, metric, selector, expression);
}

/* Judges, and compares with what people are told. */
static void assert_judged(const char *metric, const char *selector,
                          const char *expression, bool passed, const char *said)
{
    const struct threshold_judgement judgement = judge(metric, selector, expression);
    struct buf out = BUF_INIT(100);

    assert_true(judgement.known);
    assert_int_equal(judgement.passed, passed);
    threshold_say_value(&judgement, &out);
    assert_string_equal(buf_str(&out), said);
    buf_deinit(&out);
}

static void a_trend_has_the_aggregates_of_latencies(void **state)
{
    (void)state;
    assert_judged("login_duration", "", "p(90)<181ms", true, "180 ms");
    assert_judged("login_duration", "", "avg<145", false, "145 ms");
    assert_judged("login_duration", "step:buy", "min>109", true, "110 ms");
    assert_judged("login_duration", "", "count==10", true, "10");
    assert_judged("context", "", "max<9000", false, "9,000");
    assert_judged("context", "", "min<1", true, "0");
}

static void a_counter_has_a_sum_and_a_rate_over_time(void **state)
{
    (void)state;
    assert_judged("auth_errors", "", "count<1", true, "0");
    assert_judged("auth_errors", "", "rate<1/s", true, "0/s");
    assert_int_equal(judge("auth_errors", "", "count<1").samples, 10);
    /* No request had that label: nothing says that there were no errors. */
    assert_false(judge("auth_errors", "step:sell", "count<1").known);
}

static void a_rate_is_a_share(void **state)
{
    (void)state;
    assert_judged("good", "", "rate>95%", false, "90%");
    assert_judged("good", "step:list", "rate>=1", true, "100%");
}

static void a_gauge_has_its_last_value_and_its_bounds(void **state)
{
    (void)state;
    assert_judged("depth", "", "value==9", true, "9");
    assert_judged("depth", "", "min>=0", false, "-2");
    assert_judged("depth", "step:list", "max<9", true, "8");
    assert_judged("wait", "", "value<1s", true, "250 ms");
}

static void checks_are_judged_together_and_one_by_one(void **state)
{
    (void)state;
    assert_judged("checks", "", "rate>99%", false, "95%");
    assert_int_equal(judge("checks", "", "rate>99%").samples, 20);
    assert_judged("checks", "check:is 200", "rate>0.9", false, "90%");
    assert_judged("checks", "check:is 200,step:buy", "rate>0.9", true, "100%");
    assert_judged("checks", "step:list", "rate>99%", false, "90%");
    assert_false(judge("checks", "check:never", "rate>0").known);
}

static void iterations_and_groups_are_judged(void **state)
{
    (void)state;
    assert_judged("iterations", "", "count==4", true, "4");
    assert_judged("iterations", "", "rate<1/s", true, "0.4/s");
    assert_judged("iteration_duration", "", "max<=1s", true, "1000 ms");
    assert_judged("group_duration", "group:::shop", "p(90)<900ms", false, "900 ms");
    assert_false(judge("group_duration", "step:list", "p(90)<1h").known);
}

static void the_names_of_k6_are_judged(void **state)
{
    (void)state;
    assert_judged("http_req_waiting", "", "avg<=25ms", true, "25.0 ms");
    assert_judged("http_req_sending", "", "max<1ms", true, "0 ms");
    assert_judged("http_req_connecting", "step:buy", "avg<5", false, "6.00 ms");
    assert_judged("data_received", "", "count==0", true, "0");
    assert_judged("vus", "", "value==3", true, "3");
    assert_judged("vus", "", "max<5", false, "5");
    assert_judged("vus", "", "min<1", true, "0");
    assert_judged("vus_max", "", "value>5", false, "5");
}

/* LIB-3 has a success_rate of its own, which its steps feed. */
static void a_metric_of_the_scenario_comes_before_what_yields_its_name(void **state)
{
    struct threshold_metric metric;
    size_t yielding = 0;

    (void)state;
    assert_judged("success_rate", "", "rate>99%", true, "100%");
    assert_false(judge_named("success_rate", "success_rate", "", "rate>99%").passed);
    for (size_t i = 0; threshold_metric_at(i, &metric); i++) {
        yielding += metric.yields;
        assert_int_equal(metric.yields, strcmp(metric.name, "success_rate") == 0);
    }
    assert_int_equal(yielding, 1);
}

/* What thresholds are told of a metric of the scenario's own: which expressions fit it. */
static void each_kind_takes_its_own_expressions(void **state)
{
    static const struct {
        int metric;
        const char *fits;
        const char *misfits;
    } examples[] = {
        {LOGINS, "p(95)<250ms", "rate<5%"}, {TOKENS, "med<100", "p(95)<250ms"},
        {ERRORS, "rate<1/s", "p(95)<1"},    {GOOD, "rate>99%", "count>3"},
        {DEPTH, "max<3", "avg<3"},          {WAIT, "value<3s", "value<3%"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++) {
        const enum threshold_kind kind =
            plan_metric_threshold_kind(&metrics[examples[i].metric]);
        struct threshold threshold;
        const char *hint = NULL;

        assert_int_equal(threshold_parse(examples[i].fits, &threshold, &hint), 0);
        assert_null(threshold_misfit(&threshold, kind));
        assert_int_equal(threshold_parse(examples[i].misfits, &threshold, &hint), 0);
        assert_non_null(threshold_misfit(&threshold, kind));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trend_has_the_aggregates_of_latencies),
        cmocka_unit_test(a_counter_has_a_sum_and_a_rate_over_time),
        cmocka_unit_test(a_rate_is_a_share),
        cmocka_unit_test(a_gauge_has_its_last_value_and_its_bounds),
        cmocka_unit_test(checks_are_judged_together_and_one_by_one),
        cmocka_unit_test(iterations_and_groups_are_judged),
        cmocka_unit_test(the_names_of_k6_are_judged),
        cmocka_unit_test(a_metric_of_the_scenario_comes_before_what_yields_its_name),
        cmocka_unit_test(each_kind_takes_its_own_expressions),
    };

    return cmocka_run_group_tests_name("threshold_custom", tests, NULL, NULL);
}

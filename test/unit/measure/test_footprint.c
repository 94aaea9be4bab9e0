#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/footprint.h"
#include "measure/metric.h"
#include "plan/plan.h"

#define KIB UINT64_C(1024)

static const struct plan_phase phases[] = {{.duration_ns = 10 * NS_PER_S, .users = 1}};
static const struct plan_class classes[] = {
    {.tags = &(const struct plan_pair){.key = "org_id", .value = "acme"}, .tag_count = 1},
    {.tags = &(const struct plan_pair){.key = "team", .value = "search"}, .tag_count = 1},
};
static const struct plan_step steps[] = {{.kind = PLAN_STEP_CHAT, .chat.stream = true},
                                         {.kind = PLAN_STEP_THINK},
                                         {.kind = PLAN_STEP_HTTP}};
static const struct plan_threshold thresholds[] = {
    {.metric = "ttft", .selector = "", .expression = "p(95)<1s"},
    {.metric = "ttft", .selector = "model:a", .expression = "p(95)<1s"},
    {.metric = "e2e", .selector = "model:a", .expression = "p(95)<1s"}};

static struct plan three_models(struct plan_target *target)
{
    return (struct plan){
        .model_count = 3,
        .classes = classes,
        .class_count = 2,
        .steps = steps,
        .step_count = 3,
        .phases = phases,
        .phase_count = 1,
        .targets = target,
        .target_count = 1,
    };
}

/* Histograms of the censored, which every series has beside those of the metrics. */
static uint64_t censored(void)
{
    uint64_t count = 0;

    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        count += metric_info(metric)->censored;
    return count;
}

static uint64_t fine(void)
{
    return METRIC_COUNT * 184 * KIB + censored() * 26 * KIB;
}

/* Without what is kept of totals alone. */
static uint64_t coarse(void)
{
    uint64_t count = censored();

    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        count += !metric_info(metric)->of_totals;
    return count * 26 * KIB;
}

static void the_total_is_fine_and_each_value_that_the_plan_names_coarse(void **state)
{
    struct plan_target target = {0};
    const struct plan plan = three_models(&target);
    const struct footprint footprint = footprint_of(&plan);

    (void)state;
    /* 3 models, 2 classes, 1 phase, 2 steps, 1 target, 1 backend, 1 organization, 6 sizes */
    assert_int_equal(footprint.values, 17);
    assert_int_equal(footprint.value_bytes, coarse());
    assert_int_equal(footprint.bytes, fine() + (17 + 2) * coarse());
}

static void what_is_outside_of_the_window_is_kept_apart(void **state)
{
    struct plan_target target = {0};
    struct plan plan = three_models(&target);

    (void)state;
    plan.warm_up_ns = NS_PER_S;
    const struct footprint footprint = footprint_of(&plan);

    assert_int_equal(footprint.value_bytes, 2 * coarse());
    assert_int_equal(footprint.bytes, 3 * fine() + (2 * 17 + 2 + 1) * coarse());
}

static void what_thresholds_select_is_kept_once_more_and_fine(void **state)
{
    struct plan_target target = {0};
    struct plan plan = three_models(&target);

    (void)state;
    plan.thresholds = thresholds;
    plan.threshold_count = 3;
    assert_int_equal(footprint_of(&plan).bytes, 2 * fine() + (17 + 2) * coarse());
}

static void what_only_streams_have_is_not_counted_where_nothing_streams(void **state)
{
    static const struct plan_step plain[] = {{.kind = PLAN_STEP_CHAT},
                                             {.kind = PLAN_STEP_HTTP}};
    struct plan_target target = {0};
    struct plan plan = three_models(&target);
    uint64_t spared = 0;

    (void)state;
    plan.steps = plain;
    plan.step_count = COUNT_OF(plain);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_info *info = metric_info(metric);

        if (info->streamed && !info->of_totals)
            spared += (info->censored ? 2U : 1U) * 26 * KIB;
    }
    assert_true(spared > 0);
    assert_int_equal(footprint_of(&plan).value_bytes, coarse() - spared);
}

/* A trend has a histogram in each series, a group is a value as a model is. */
static void trends_and_groups_of_the_scenario_are_counted(void **state)
{
    static const struct plan_metric metrics[] = {{.kind = PLAN_METRIC_TREND},
                                                 {.kind = PLAN_METRIC_COUNTER}};
    struct plan_target target = {0};
    struct plan plan = three_models(&target);

    (void)state;
    plan.metrics = metrics;
    plan.metric_count = 2;
    plan.group_count = 1;
    const struct footprint footprint = footprint_of(&plan);

    assert_int_equal(footprint.values, 18);
    assert_int_equal(footprint.value_bytes, coarse() + 26 * KIB);
    assert_int_equal(footprint.bytes,
                     fine() + 184 * KIB + (18 + 2) * (coarse() + 26 * KIB));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_total_is_fine_and_each_value_that_the_plan_names_coarse),
        cmocka_unit_test(what_is_outside_of_the_window_is_kept_apart),
        cmocka_unit_test(what_thresholds_select_is_kept_once_more_and_fine),
        cmocka_unit_test(what_only_streams_have_is_not_counted_where_nothing_streams),
        cmocka_unit_test(trends_and_groups_of_the_scenario_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

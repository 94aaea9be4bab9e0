/* What scripts tell a recorder: in totals, in dimensions, in what thresholds select, and in a copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "attempt.h"
#include "base/cleanup.h"
#include "measure/recorder.h"
#include "measure/recorder_copy.h"
#include "plan/plan.h"

enum { LOGINS, ERRORS };

static const struct plan_metric metrics[] = {
    [LOGINS] = {.name = "login_duration", .kind = PLAN_METRIC_TREND, .is_time = true},
    [ERRORS] = {.name = "auth_errors", .kind = PLAN_METRIC_COUNTER},
};
static const struct plan_check checks[] = {
    {.name = "is 200"}, {.name = "has a body", .expected = true}, {.name = "has models"}};
static const struct plan_step steps[] = {
    {.name = "list", .kind = PLAN_STEP_HTTP, .checks = checks, .check_count = 3},
    {.name = "seed", .unmeasured = true, .checks = checks, .check_count = 3},
};
static const struct plan_threshold thresholds[] = {
    {.metric = "checks", .selector = "check:is 200", .expression = "rate>0.5"},
    {.metric = "checks", .selector = "check:is 200,step:buy", .expression = "rate>0.5"},
    {.metric = "auth_errors", .selector = "step:list", .expression = "count<2"},
    {.metric = "group_duration", .selector = "group:::shop", .expression = "p(95)<1s"},
};
static const struct plan plan = {
    .max_series = 100,
    .metrics = metrics,
    .metric_count = 2,
    .steps = steps,
    .step_count = 2,
    .thresholds = thresholds,
    .threshold_count = 4,
};

static struct recorder *make(void)
{
    const struct recorder_options options = {
        .plan = &plan, .window_end_ns = MS(9000), .interval_ns = MS(1000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    return recorder;
}

static uint32_t labels_with(struct recorder *recorder, const char *key, const char *value)
{
    const struct label set[] = {{"class", "web"}, {key, value}};
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 2, &id), 0);
    return id;
}

static struct series_view selected(const struct recorder *recorder, const char *selector)
{
    struct series_view view;

    assert_true(recorder_selected(recorder, selector, &view));
    return view;
}

static uint64_t count_in(const struct series_view *view, enum metric metric)
{
    return view->histograms[metric] ? histogram_count(view->histograms[metric]) : 0;
}

static uint64_t errors_in(const struct series_view *view)
{
    return view->customs ? view->customs[ERRORS].count : 0;
}

/* One value of one dimension. */
struct wanted {
    const char *key;
    const char *value;
    uint64_t errors;
    uint64_t groups;
    struct counters counters;
};

static void look(void *ctx, const struct series_view *view)
{
    struct wanted *wanted = ctx;

    if (strcmp(view->key, wanted->key) != 0 || strcmp(view->value, wanted->value) != 0)
        return;
    wanted->errors = errors_in(view);
    wanted->groups = count_in(view, METRIC_GROUP_DURATION);
    wanted->counters = *view->counters;
}

static struct wanted find(const struct recorder *recorder, const char *key,
                          const char *value)
{
    struct wanted wanted = {.key = key, .value = value};

    recorder_each(recorder, RECORDER_ALL, look, &wanted);
    return wanted;
}

static void a_value_counts_wherever_its_labels_do(void **state)
{
    struct recorder *recorder = make();
    const uint32_t list = labels_with(recorder, "step", "list");
    const uint32_t buy = labels_with(recorder, "step", "buy");
    struct series_view view;

    (void)state;
    recorder_metric(recorder, ERRORS, list, true, 1);
    recorder_metric(recorder, ERRORS, buy, true, 1);
    recorder_metric(recorder, ERRORS, list, false, 1);
    recorder_metric(recorder, LOGINS, list, true, 250);
    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(view.customs[ERRORS].count, 2);
    assert_int_equal(histogram_max_ns(view.customs[LOGINS].histogram), MS(250));
    assert_int_equal(recorder_total(recorder, RECORDER_ALL).customs[ERRORS].count, 3);
    assert_int_equal(find(recorder, "step", "list").errors, 2);
    assert_int_equal(find(recorder, "step", "buy").errors, 1);
    assert_int_equal(find(recorder, "class", "web").errors, 3);
    view = selected(recorder, "step:list");
    assert_int_equal(errors_in(&view), 1);
    view = selected(recorder, "check:is 200");
    assert_int_equal(errors_in(&view), 0);
    recorder_free(recorder);
}

/* Looks for the counts of one check. */
static void look_at_check(void *ctx, const struct check_view *check)
{
    struct check_view *wanted = ctx;

    if (strcmp(check->step, wanted->step) == 0 && strcmp(check->name, wanted->name) == 0)
        *wanted = *check;
}

static struct check_view find_check(const struct recorder *recorder, const char *step,
                                    const char *name)
{
    struct check_view wanted = {.step = step, .name = name, .passed = UINT64_MAX};

    recorder_each_check(recorder, RECORDER_WINDOW, look_at_check, &wanted);
    return wanted;
}

static void a_check_counts_by_step_and_name_and_where_it_is_selected(void **state)
{
    struct recorder *recorder = make();
    const uint32_t list = labels_with(recorder, "step", "list");
    const uint32_t buy = labels_with(recorder, "step", "buy");
    struct series_view view;

    (void)state;
    recorder_checked(recorder, list, true, "is 200", true);
    recorder_checked(recorder, list, true, "is 200", false);
    recorder_checked(recorder, list, true, "has models", true);
    recorder_checked(recorder, list, false, "is 200", true);
    recorder_checked(recorder, buy, true, "is 200", true);
    assert_int_equal(find_check(recorder, "list", "is 200").passed, 1);
    assert_int_equal(find_check(recorder, "list", "is 200").failed, 1);
    assert_int_equal(find_check(recorder, "buy", "is 200").passed, 1);
    assert_int_equal(find(recorder, "step", "list").counters.checks_passed, 3);
    assert_int_equal(find(recorder, "step", "list").counters.checks_failed, 1);
    view = selected(recorder, "check:is 200");
    assert_int_equal(view.counters->checks_passed, 2);
    assert_int_equal(view.counters->checks_failed, 1);
    view = selected(recorder, "check:is 200,step:buy");
    assert_int_equal(view.counters->checks_passed, 1);
    assert_int_equal(view.counters->checks_failed, 0);
    recorder_free(recorder);
}

/* In the plan's order, without what makes a request fail and without setup. */
static void a_check_that_was_never_looked_at_is_there_with_nothing(void **state)
{
    struct recorder *recorder = make();

    (void)state;
    assert_int_equal(find_check(recorder, "list", "is 200").passed, 0);
    assert_int_equal(find_check(recorder, "list", "has models").passed, 0);
    assert_int_equal(find_check(recorder, "list", "has a body").passed, UINT64_MAX);
    assert_int_equal(find_check(recorder, "seed", "is 200").passed, UINT64_MAX);
    recorder_free(recorder);
}

static void groups_and_iterations_have_durations(void **state)
{
    struct recorder *recorder = make();
    const uint32_t shop = labels_with(recorder, "group", "::shop");
    const uint32_t all = labels_with(recorder, "phase", "steady");
    struct series_view view;

    (void)state;
    recorder_group(recorder, shop, true, MS(120));
    recorder_iteration(recorder, all, true, MS(900));
    recorder_iteration(recorder, all, false, MS(900));
    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(count_in(&view, METRIC_GROUP_DURATION), 1);
    assert_int_equal(histogram_max_ns(view.histograms[METRIC_ITERATION_DURATION]),
                     MS(900));
    assert_int_equal(view.counters->iterations, 1);
    assert_int_equal(recorder_counters(recorder, RECORDER_ALL).iterations, 2);
    assert_int_equal(find(recorder, "group", "::shop").groups, 1);
    assert_int_equal(find(recorder, "class", "web").counters.iterations, 2);
    view = selected(recorder, "group:::shop");
    assert_int_equal(count_in(&view, METRIC_GROUP_DURATION), 1);
    assert_int_equal(view.counters->iterations, 0);
    recorder_free(recorder);
}

/* k6's parts of a request: fine where they are, and nowhere else. */
static void what_is_of_totals_takes_no_room_in_dimensions(void **state)
{
    struct recorder *recorder = make();
    struct sample sample = good_body();
    struct series_view view;

    (void)state;
    sample.labels = labels_with(recorder, "step", "list");
    recorder_started(recorder, sample.sent_ns, sample.labels, true);
    recorder_sample(recorder, &sample);
    view = recorder_total(recorder, RECORDER_WINDOW);
    assert_int_equal(count_in(&view, METRIC_HTTP_REQ_WAITING), 1);
    assert_int_equal(histogram_min_ns(view.histograms[METRIC_HTTP_REQ_SENDING]), 0);
    view = selected(recorder, "step:list");
    assert_int_equal(count_in(&view, METRIC_HTTP_REQ_WAITING), 1);
    struct interval_view interval;

    recorder_close_interval(recorder, MS(2000), &interval);
    assert_null(interval.total.histograms[METRIC_HTTP_REQ_WAITING]);
    assert_non_null(interval.total.histograms[METRIC_E2E]);
    recorder_free(recorder);
}

static void an_interval_has_its_own_values_alone(void **state)
{
    struct recorder *recorder = make();
    const uint32_t list = labels_with(recorder, "step", "list");
    struct interval_view interval;

    (void)state;
    recorder_metric(recorder, ERRORS, list, true, 1);
    recorder_metric(recorder, LOGINS, list, true, 5);
    recorder_close_interval(recorder, MS(1000), &interval);
    assert_int_equal(interval.total.customs[ERRORS].count, 1);
    recorder_close_interval(recorder, MS(2000), &interval);
    recorder_metric(recorder, ERRORS, list, true, 1);
    recorder_metric(recorder, ERRORS, list, true, 1);
    recorder_close_interval(recorder, MS(3000), &interval);
    assert_int_equal(interval.total.customs[ERRORS].count, 2);
    assert_int_equal(interval.total.customs[LOGINS].count, 0);
    recorder_free(recorder);
}

static void a_copy_has_all_of_it(void **state)
{
    struct recorder *recorder = make();
    const uint32_t list = labels_with(recorder, "step", "list");
    const uint32_t buy = labels_with(recorder, "step", "buy");
    struct recorder_copy *copy = NULL;
    const struct recorder *twin;
    struct series_view view;

    (void)state;
    assert_int_equal(recorder_copy_new(recorder, &copy), 0);
    twin = recorder_copy_view(copy);
    /* Twice, since a copy is told what came since the one before. */
    for (uint64_t times = 1; times <= 2; times++) {
        recorder_metric(recorder, ERRORS, list, true, 1);
        recorder_metric(recorder, LOGINS, list, false, 40);
        recorder_metric(recorder, LOGINS, buy, true, 50);
        recorder_checked(recorder, buy, true, "is 200", false);
        recorder_iteration(recorder, list, true, MS(3));
        while (recorder_copy_step(copy, 1) == 0)
            ;
        view = recorder_total(twin, RECORDER_ALL);
        assert_int_equal(view.customs[ERRORS].count, times);
        assert_int_equal(view.customs[LOGINS].count, 2 * times);
        assert_int_equal(histogram_count(view.customs[LOGINS].histogram), 2 * times);
        assert_int_equal(view.counters->iterations, times);
        assert_int_equal(find_check(twin, "buy", "is 200").failed, times);
        assert_int_equal(find(twin, "step", "list").errors, times);
        view = selected(twin, "step:list");
        assert_int_equal(errors_in(&view), times);
    }
    recorder_copy_free(copy);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_counts_wherever_its_labels_do),
        cmocka_unit_test(a_check_counts_by_step_and_name_and_where_it_is_selected),
        cmocka_unit_test(a_check_that_was_never_looked_at_is_there_with_nothing),
        cmocka_unit_test(groups_and_iterations_have_durations),
        cmocka_unit_test(what_is_of_totals_takes_no_room_in_dimensions),
        cmocka_unit_test(an_interval_has_its_own_values_alone),
        cmocka_unit_test(a_copy_has_all_of_it),
    };

    return cmocka_run_group_tests_name("recorder_script", tests, NULL, NULL);
}

/* What scripts tell, in the files of a run: summary, timeline, histograms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "made_run.h"
#include "result/hlog.h"
#include "result/summary.h"
#include "result/timeline_csv.h"

#define MAX_TEXT ((size_t)1 << 24)

/* 400 requests in 40 s, 350 of them in the window. */
struct fixture {
    struct made_run run;
    json_t *summary;
};

static int setup(void **state)
{
    static struct fixture fixture;

    made_run_init(&fixture.run, (struct made_options){.requests = 400, .scripted = true});
    assert_int_equal(summary_build(&fixture.run.facts, &fixture.summary), 0);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    json_decref(f->summary);
    made_run_deinit(&f->run);
    return 0;
}

static const json_t *metric(const struct fixture *f, const char *name)
{
    const json_t *found = json_object_get(json_object_get(f->summary, "metrics"), name);

    assert_non_null(found);
    return found;
}

static void assert_number(const json_t *object, const char *name, double expected)
{
    const json_t *number = json_object_get(object, name);

    assert_true(json_is_number(number));
    assert_float_equal(json_number_value(number), expected, 1e-6);
}

static void assert_text(const json_t *object, const char *name, const char *expected)
{
    assert_string_equal(json_string_value(json_object_get(object, name)), expected);
}

static void each_metric_of_the_scenario_stands_by_its_kind(void **state)
{
    const struct fixture *f = *state;
    const json_t *list = json_object_get(f->summary, "custom");

    assert_int_equal(json_array_size(list), 5);
    assert_text(json_array_get(list, 1), "name", "context");
    assert_text(json_array_get(list, 1), "kind", "trend");
    assert_text(json_array_get(list, 1), "unit", "tokens");
    assert_text(json_array_get(list, 2), "help", "Not found");
    assert_text(json_array_get(list, 3), "unit", "fraction");
    assert_text(metric(f, "lookup_duration"), "unit", "ms");
    assert_number(metric(f, "lookup_duration"), "count", 350);
    assert_number(metric(f, "lookup_duration"), "min", 20);
    assert_number(metric(f, "lookup_duration"), "max", 119);
    assert_number(metric(f, "context"), "min", 0);
    assert_number(metric(f, "context"), "max", 7000);
    assert_number(metric(f, "misses"), "count", 35);
    assert_number(metric(f, "misses"), "rate", 1);
    assert_number(metric(f, "found"), "rate", 0.9);
    assert_number(metric(f, "found"), "passes", 315);
    assert_number(metric(f, "depth"), "value", 349 % 17);
    assert_number(metric(f, "depth"), "max", 16);
}

static void what_never_came_is_0_of_a_counter_and_absent_of_others(void **state)
{
    struct made_run run;
    json_t *summary = NULL;
    json_t *metrics;

    (void)state;
    made_run_init(&run, (struct made_options){.scripted = true});
    assert_int_equal(summary_build(&run.facts, &summary), 0);
    metrics = json_object_get(summary, "metrics");
    assert_number(json_object_get(metrics, "misses"), "count", 0);
    assert_null(json_object_get(metrics, "found"));
    assert_null(json_object_get(metrics, "lookup_duration"));
    json_decref(summary);
    made_run_deinit(&run);
}

static void checks_stand_by_step_in_their_order(void **state)
{
    const struct fixture *f = *state;
    const json_t *checks = json_object_get(f->summary, "checks");
    const json_t *third = json_array_get(checks, 2);

    assert_int_equal(json_array_size(checks), 3);
    assert_text(json_array_get(checks, 0), "step", "ask");
    assert_text(json_array_get(checks, 0), "name", "has words");
    assert_number(json_array_get(checks, 0), "passes", 350);
    assert_number(json_array_get(checks, 1), "fails", 7);
    assert_number(json_array_get(checks, 1), "rate", 0.98);
    assert_number(third, "passes", 0);
    assert_true(json_is_null(json_object_get(third, "rate")));
    assert_number(metric(f, "checks"), "fails", 7);
    assert_number(metric(f, "checks"), "rate", 0.99);
}

static void groups_and_iterations_are_told(void **state)
{
    const struct fixture *f = *state;
    const json_t *groups = json_object_get(json_object_get(f->summary, "by"), "group");
    const json_t *search = json_object_get(groups, "::search");

    assert_number(json_object_get(json_object_get(search, "metrics"), "group_duration"),
                  "count", 350);
    assert_number(json_object_get(json_object_get(search, "metrics"), "misses"), "count",
                  35);
    assert_number(metric(f, "iterations"), "count", 87);
    assert_number(metric(f, "iteration_duration"), "count", 87);
    assert_number(json_object_get(f->summary, "all"), "iterations", 100);
    assert_number(metric(f, "data_sent"), "count", 350 * 900);
    assert_number(metric(f, "vus_max"), "value", 200);
}

static void the_timeline_has_them_point_by_point(void **state)
{
    struct fixture *f = *state;
    const json_t *points =
        json_object_get(json_object_get(f->summary, "timeline"), "points");
    const json_t *custom = json_object_get(json_array_get(points, 3), "custom");
    double misses = 0;

    for (size_t i = 0; i < json_array_size(points); i++)
        misses += json_number_value(json_object_get(
            json_object_get(json_array_get(points, i), "custom"), "misses"));
    assert_float_equal(misses, 40, 1e-9);
    /* Requests 30 to 39. */
    assert_number(custom, "misses", 1);
    assert_number(custom, "found", 0.9);
    assert_number(custom, "depth", 39 % 17);
    assert_true(json_is_null(json_object_get(custom, "lookup_duration_p99")));

    struct buf table = BUF_INIT(MAX_TEXT);

    assert_int_equal(timeline_csv_write(f->summary, &table), 0);
    assert_non_null(strstr(buf_str(&table),
                           ",loop_lag_p99_ms,custom_lookup_duration_p50_ms,"
                           "custom_lookup_duration_p95_ms,custom_lookup_duration_p99_ms,"
                           "custom_context_p50,custom_context_p95,custom_context_p99,"
                           "custom_misses,custom_found,custom_depth\r\n"));
    assert_non_null(strstr(buf_str(&table), ",1,0.9,5\r\n"));
    buf_deinit(&table);
}

static void trends_are_in_the_log_of_histograms(void **state)
{
    struct fixture *f = *state;
    struct buf log = BUF_INIT(MAX_TEXT);

    assert_int_equal(hlog_write(&f->run.facts, &log), 0);
    assert_non_null(strstr(buf_str(&log), "\nTag=lookup_duration,0.000,35.000,119."));
    assert_non_null(strstr(buf_str(&log), "\nTag=lookup_duration:run,"));
    assert_non_null(strstr(buf_str(&log), "\nTag=context{model=small},"));
    assert_null(strstr(buf_str(&log), "Tag=misses"));
    buf_deinit(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_metric_of_the_scenario_stands_by_its_kind),
        cmocka_unit_test(what_never_came_is_0_of_a_counter_and_absent_of_others),
        cmocka_unit_test(checks_stand_by_step_in_their_order),
        cmocka_unit_test(groups_and_iterations_are_told),
        cmocka_unit_test(the_timeline_has_them_point_by_point),
        cmocka_unit_test(trends_are_in_the_log_of_histograms),
    };

    return cmocka_run_group_tests_name("summary_script", tests, setup, teardown);
}

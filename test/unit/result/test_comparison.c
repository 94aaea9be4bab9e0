#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/cleanup.h"
#include "recorded_run.h"
#include "result/comparison.h"

#define PAIRS 20

static json_t *compare_files(const struct run_files *base, const struct run_files *new,
                             double fail_above)
{
    const struct comparison_options options = {.fail_above = fail_above};
    json_t *comparison = NULL;

    assert_int_equal(comparison_build(base, new, &options, &comparison), 0);
    return comparison;
}

static json_t *compare(const struct recorded_service *base,
                       const struct recorded_service *new, uint64_t seed,
                       double fail_above)
{
    struct run_files a = recorded_run(base, 2 * seed);
    struct run_files b = recorded_run(new, 2 * seed + 1);
    json_t *comparison = compare_files(&a, &b, fail_above);

    recorded_run_remove(&a);
    recorded_run_remove(&b);
    return comparison;
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static const json_t *row(const json_t *comparison, const char *metric,
                         const char *aggregate, const char *selector)
{
    const json_t *rows = json_object_get(comparison, "differences");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *one = json_array_get(rows, i);

        if (strcmp(text(one, "metric"), metric) == 0 &&
            strcmp(text(one, "aggregate"), aggregate) == 0 &&
            strcmp(text(one, "selector"), selector) == 0)
            return one;
    }
    fail_msg("there is no row %s %s %s", metric, aggregate, selector);
    return NULL;
}

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* What was asked for: at least 18 of 20 slower runs are found, and at most 2 of 20 equal pairs are called different. */
static void a_tenth_is_found_and_equal_runs_are_not_different(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service slower = RECORDED_SERVICE;
    unsigned found = 0;
    unsigned flagged = 0;

    (void)state;
    slower.slowness = 1.1;
    for (uint64_t i = 0; i < PAIRS; i++) {
        CLEANUP(json_decrefp)
        json_t *different = compare(&steady, &slower, i, (double)NAN);
        CLEANUP(json_decrefp)
        json_t *equal = compare(&steady, &steady, PAIRS + i, (double)NAN);

        found += strcmp(text(different, "verdict"), "regression") == 0;
        flagged += strcmp(text(equal, "verdict"), "regression") == 0 ||
                   strcmp(text(equal, "verdict"), "improvement") == 0;
    }
    print_message("%u of %u slower runs found, %u of %u equal pairs called different\n",
                  found, PAIRS, flagged, PAIRS);
    assert_true(found >= 18);
    assert_true(flagged <= 2);
}

static void it_fails_only_above_what_was_asked_for(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service slower = RECORDED_SERVICE;

    (void)state;
    slower.slowness = 1.3;
    CLEANUP(json_decrefp) json_t *strict = compare(&steady, &slower, 1, 0.2);
    CLEANUP(json_decrefp) json_t *lax = compare(&steady, &slower, 1, 0.5);
    CLEANUP(json_decrefp) json_t *faster = compare(&slower, &steady, 1, 0.2);

    assert_true(comparison_failed(strict));
    assert_false(comparison_failed(lax));
    assert_string_equal(text(lax, "verdict"), "regression");
    assert_false(comparison_failed(faster));
    assert_string_equal(text(row(faster, "e2e", "p50", ""), "verdict"), "improvement");
}

static void the_interval_holds_what_is_shown(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service slower = RECORDED_SERVICE;

    (void)state;
    slower.slowness = 1.1;
    CLEANUP(json_decrefp) json_t *comparison = compare(&steady, &slower, 3, (double)NAN);
    const json_t *rows = json_object_get(comparison, "differences");

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *one = json_array_get(rows, i);

        if (isnan(number(one, "low")))
            continue;
        assert_true(number(one, "low") <= number(one, "change") + 1e-6);
        assert_true(number(one, "high") >= number(one, "change") - 1e-6);
        assert_true(number(one, "p_adjusted") >= number(one, "p"));
    }
    assert_true(number(row(comparison, "tpot", "mean", ""), "low") > 0.05);
    assert_true(number(row(comparison, "tps", "p50", ""), "high") < -0.03);
}

static void a_model_that_became_slower_is_named(void **state)
{
    struct run_files a;
    struct run_files b;
    struct recorded_service slower = RECORDED_SERVICE;
    const struct recorded_service steady = RECORDED_SERVICE;
    json_t *value = NULL;

    (void)state;
    slower.slowness = 1.2;
    a = recorded_run(&steady, 1);
    b = recorded_run(&slower, 2);
    value = json_pack("{s:{s:{s:f}}}", "metrics", "ttft", "p50", 200.0);
    json_object_set(json_object_get(json_object_get(a.summary, "by"), "model"), "large",
                    value);
    json_decref(value);
    value = json_pack("{s:{s:{s:f}}}", "metrics", "ttft", "p50", 240.0);
    json_object_set(json_object_get(json_object_get(b.summary, "by"), "model"), "large",
                    value);
    json_decref(value);
    CLEANUP(json_decrefp) json_t *comparison = compare_files(&a, &b, 0.1);
    const json_t *found = row(comparison, "ttft", "p50", "model=large");

    assert_true(fabs(number(found, "change") - 0.2) < 1e-6);
    assert_string_equal(text(found, "verdict"), "regression");
    recorded_run_remove(&a);
    recorded_run_remove(&b);
}

static void errors_are_told_in_points(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service failing = RECORDED_SERVICE;

    (void)state;
    failing.error_rate = 0.1;
    CLEANUP(json_decrefp) json_t *comparison = compare(&steady, &failing, 1, 0.2);
    const json_t *errors = row(comparison, "error_rate", "rate", "");

    assert_string_equal(text(errors, "verdict"), "regression");
    assert_true(json_is_null(json_object_get(errors, "change")));
    assert_true(number(errors, "difference_low") > 0.03);
    assert_true(comparison_failed(comparison));

    CLEANUP(json_decrefp) json_t *none = compare(&steady, &steady, 1, 0.2);
    const json_t *nothing = row(none, "error_rate", "rate", "");

    assert_string_equal(text(nothing, "verdict"), "no_change");
    assert_true(number(nothing, "difference_high") > 0.001);
    assert_false(comparison_failed(none));
}

/* Its p95 is only known to be above 5 s: that is worse, by at least so much. */
static void a_server_that_collapses_is_worse(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service hanging = RECORDED_SERVICE;

    (void)state;
    hanging.hang_rate = 0.2;
    CLEANUP(json_decrefp) json_t *comparison = compare(&steady, &hanging, 1, 0.2);
    const json_t *p95 = row(comparison, "ttft", "p95", "");

    assert_true(json_is_null(json_object_get(p95, "new")));
    assert_true(number(json_object_get(p95, "above"), "new") >= 4990);
    assert_true(number(p95, "change") > 5);
    assert_true(json_is_null(json_object_get(p95, "high")));
    assert_string_equal(text(p95, "verdict"), "regression");

    CLEANUP(json_decrefp) json_t *both = compare(&hanging, &hanging, 1, 0.2);

    assert_string_equal(text(row(both, "ttft", "p95", ""), "verdict"), "not_enough_data");
}

static void what_is_too_short_is_said_to_be_too_short(void **state)
{
    struct recorded_service brief = RECORDED_SERVICE;
    struct recorded_service slower = RECORDED_SERVICE;

    (void)state;
    brief.seconds = slower.seconds = 5;
    slower.slowness = 3;
    CLEANUP(json_decrefp) json_t *comparison = compare(&brief, &slower, 1, 0.2);

    assert_string_equal(text(comparison, "verdict"), "not_enough_data");
    assert_string_equal(text(row(comparison, "e2e", "p50", ""), "verdict"),
                        "not_enough_data");
    assert_false(comparison_failed(comparison));
}

/* Of summaries alone nothing is known but how large differences are. */
static void summaries_alone_are_judged_by_size(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service slower = RECORDED_SERVICE;
    char path[64];

    (void)state;
    slower.slowness = 1.3;
    struct run_files a = recorded_run(&steady, 1);
    struct run_files b = recorded_run(&slower, 2);

    (void)snprintf(path, sizeof(path), "%s/samples.bin", a.folder);
    assert_int_equal(unlink(path), 0);
    CLEANUP(json_decrefp) json_t *comparison = compare_files(&a, &b, 0.2);
    const json_t *e2e = row(comparison, "e2e", "p50", "");

    assert_string_equal(text(e2e, "verdict"), "regression");
    assert_true(json_is_null(json_object_get(e2e, "p")));
    assert_true(comparison_failed(comparison));
    assert_non_null(
        strstr(json_string_value(json_array_get(json_object_get(comparison, "notes"), 0)),
               "by their size alone"));
    recorded_run_remove(&a);
    recorded_run_remove(&b);
}

static void other_work_is_told(void **state)
{
    const struct recorded_service steady = RECORDED_SERVICE;
    struct recorded_service other = RECORDED_SERVICE;

    (void)state;
    other.fingerprint = "beef";
    other.seconds = 30;
    CLEANUP(json_decrefp) json_t *comparison = compare(&steady, &other, 1, (double)NAN);
    const json_t *notes = json_object_get(comparison, "notes");

    assert_true(json_is_false(json_object_get(comparison, "is_same_workload")));
    assert_int_equal(json_array_size(notes), 2);
    assert_non_null(strstr(json_string_value(json_array_get(notes, 0)), "fingerprints"));
    assert_non_null(strstr(json_string_value(json_array_get(notes, 1)), "windows"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenth_is_found_and_equal_runs_are_not_different),
        cmocka_unit_test(it_fails_only_above_what_was_asked_for),
        cmocka_unit_test(the_interval_holds_what_is_shown),
        cmocka_unit_test(a_model_that_became_slower_is_named),
        cmocka_unit_test(errors_are_told_in_points),
        cmocka_unit_test(a_server_that_collapses_is_worse),
        cmocka_unit_test(what_is_too_short_is_said_to_be_too_short),
        cmocka_unit_test(summaries_alone_are_judged_by_size),
        cmocka_unit_test(other_work_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What met its SLOs, in the files of a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "made_run.h"
#include "result/summary.h"

static json_t *summary_of(struct made_run *run, struct made_options options)
{
    json_t *summary = NULL;

    made_run_init(run, options);
    assert_int_equal(summary_build(&run->facts, &summary), 0);
    return summary;
}

/* A member by its path: "totals/slo". */
static const json_t *at(const json_t *node, const char *path)
{
    char key[64];

    while (*path) {
        const size_t len = strcspn(path, "/");

        assert_true(len < sizeof(key));
        memcpy(key, path, len);
        key[len] = '\0';
        node = json_object_get(node, key);
        assert_non_null(node);
        path += len + (path[len] == '/');
    }
    return node;
}

static void assert_number(const json_t *summary, const char *path, double expected)
{
    assert_true(json_is_number(at(summary, path)));
    assert_float_equal(json_number_value(at(summary, path)), expected, 1e-9);
}

/* 100 requests a second for 35 s, of which the spike has 5: 70% of the others are in time. */
static void what_met_its_slos_stands_in_total_and_by_phase(void **state)
{
    struct made_run run;
    json_t *summary =
        summary_of(&run, (struct made_options){.requests = 4000, .objectives = true});

    (void)state;
    assert_number(summary, "totals/slo/operations", 3500);
    assert_number(summary, "totals/slo/met", 2100);
    assert_number(summary, "totals/slo/share", 0.6);
    assert_number(summary, "totals/slo/failed", 0);
    assert_number(summary, "totals/slo/metrics/ttft/observed", 3500);
    assert_number(summary, "totals/slo/metrics/ttft/missed", 1400);
    assert_number(summary, "totals/slo/metrics/tpot/missed", 0);
    assert_number(summary, "totals/goodput", 60);
    assert_number(summary, "by/phase/spike/goodput", 0);
    assert_number(summary, "by/phase/sustained/goodput", 70);
    assert_number(summary, "by/class/asker/slo/met", 1470);
    assert_number(summary, "all/slo/operations", 4000);
    assert_string_equal(
        json_string_value(json_array_get(at(summary, "workload/slo_ignored"), 0)),
        "ttfo");
    json_decref(summary);
    made_run_deinit(&run);
}

/* Every 40th is refused, every 15th waits for nothing: 9.2% failed, and say nothing of ttft. */
static void what_failed_is_counted_as_that_and_under_no_metric(void **state)
{
    struct made_run run;
    json_t *summary = summary_of(
        &run,
        (struct made_options){.requests = 4000, .failures = true, .objectives = true});
    const double failed = json_number_value(at(summary, "totals/failed"));

    (void)state;
    assert_true(failed > 300);
    assert_number(summary, "totals/slo/operations", 3500);
    assert_number(summary, "totals/slo/failed", failed);
    assert_number(summary, "totals/slo/metrics/ttft/observed", 3500 - failed);
    json_decref(summary);
    made_run_deinit(&run);
}

static void without_slos_there_is_no_goodput(void **state)
{
    struct made_run run;
    json_t *summary = summary_of(&run, (struct made_options){.requests = 400});

    (void)state;
    assert_true(json_is_null(at(summary, "totals/slo")));
    assert_true(json_is_null(at(summary, "totals/goodput")));
    assert_int_equal(json_array_size(at(summary, "workload/slo_ignored")), 0);
    json_decref(summary);
    made_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_met_its_slos_stands_in_total_and_by_phase),
        cmocka_unit_test(what_failed_is_counted_as_that_and_under_no_metric),
        cmocka_unit_test(without_slos_there_is_no_goodput),
    };

    return cmocka_run_group_tests_name("summary_goodput", tests, NULL, NULL);
}

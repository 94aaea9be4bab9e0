#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_run.h"
#include "result/summary.h"
#include "result/timeline_csv.h"

#define MAX_TEXT ((size_t)1 << 20)

static void write_table(struct made_run *run, struct buf *out)
{
    json_t *summary = NULL;

    assert_int_equal(summary_build(&run->facts, &summary), 0);
    assert_int_equal(timeline_csv_write(summary, out), 0);
    json_decref(summary);
}

/* The cell of a line (0: the heading) in the column of a name, as text; the caller's. */
static char *cell(const struct buf *table, size_t line, const char *column)
{
    char *copy = strdup(buf_str(table));
    char *rest = copy;
    char *heading = strsep(&rest, "\n");
    char *row = heading;
    char *found = NULL;

    for (size_t i = 0; i < line; i++)
        row = strsep(&rest, "\n");
    assert_non_null(row);
    row[strcspn(row, "\r")] = '\0';
    row = strdup(row);
    heading[strcspn(heading, "\r")] = '\0';
    for (char *at = row, *name = NULL;
         !found && (name = strsep(&heading, ",")) != NULL;) {
        char *value = strsep(&at, ",");

        assert_non_null(value);
        if (strcmp(name, column) == 0)
            found = strdup(value);
    }
    free(row);
    free(copy);
    if (!found)
        fail_msg("no column %s", column);
    return found;
}

static void assert_cell(const struct buf *table, size_t line, const char *column,
                        const char *expected)
{
    char *value = cell(table, line, column);

    assert_string_equal(value, expected);
    free(value);
}

static void assert_number(const struct buf *table, size_t line, const char *column,
                          double expected, double error)
{
    char *value = cell(table, line, column);

    assert_true(*value);
    assert_float_equal(strtod(value, NULL), expected, error);
    free(value);
}

static void each_point_is_a_line(void **state)
{
    struct made_run run = {0};
    struct buf table = BUF_INIT(MAX_TEXT);
    size_t lines = 0;

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    write_table(&run, &table);
    for (const char *at = buf_str(&table); (at = strstr(at, "\r\n")) != NULL; at += 2)
        lines++;
    assert_int_equal(lines, 41);
    assert_number(&table, 28, "start_s", 27, 0);
    assert_number(&table, 28, "end_s", 28, 0);
    assert_cell(&table, 28, "phase", "\"spike\"");
    assert_cell(&table, 28, "requests", "100");
    assert_number(&table, 28, "requests_per_s", 100, 0);
    assert_number(&table, 28, "output_tokens_per_s", 1000, 0);
    assert_number(&table, 28, "cost_usd", 100 * 25000010e-12, 1e-9);
    assert_number(&table, 28, "ttft_p50_ms", 450, 10);
    assert_number(&table, 28, "icl_p95_ms", 20, 0.3);
    assert_number(&table, 28, "tpot_p50_ms", 20, 0.3);
    assert_number(&table, 28, "schedule_lag_p99_ms", 0.2, 0.01);
    assert_cell(&table, 28, "ttft_p50_above_ms", "");
    buf_deinit(&table);
    made_run_deinit(&run);
}

/* What timed out waited for 4 s; where its rank falls, only that is known. */
static void goodput_is_empty_only_where_there_are_no_slos(void **state)
{
    struct made_run run;
    struct buf table = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .objectives = true});
    write_table(&run, &table);
    assert_number(&table, 10, "goodput_per_s", 70, 1);
    assert_number(&table, 28, "goodput_per_s", 0, 1e-9); /* in the spike */
    made_run_deinit(&run);
    buf_clear(&table);
    made_run_init(&run, (struct made_options){.requests = 4000});
    write_table(&run, &table);
    assert_cell(&table, 10, "goodput_per_s", "");
    made_run_deinit(&run);
    buf_deinit(&table);
}

static void a_bound_stands_in_its_own_column(void **state)
{
    struct made_run run = {0};
    struct buf table = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    write_table(&run, &table);
    assert_cell(&table, 20, "ttft_p95_ms", "");
    assert_number(&table, 20, "ttft_p95_above_ms", 4000, 40);
    buf_deinit(&table);
    made_run_deinit(&run);
}

static void a_run_without_points_has_a_heading(void **state)
{
    struct made_run run = {0};
    struct buf table = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){0});
    run.facts.timeline = (struct timeline_view){0};
    write_table(&run, &table);
    assert_int_equal(strncmp(buf_str(&table), "start_s,end_s,phase,", 20), 0);
    assert_ptr_equal(strstr(buf_str(&table), "\r\n"), buf_str(&table) + table.len - 2);
    buf_deinit(&table);
    made_run_deinit(&run);
}

/* FAULTS 55: a spreadsheet must not take a name for a formula. */
static void fault_55_a_text_is_no_formula(void **state)
{
    struct buf table = BUF_INIT(MAX_TEXT);
    json_t *summary =
        json_pack("{s: {s: [{s: s}]}}", "timeline", "points", "phase", "=cmd()|\"x\", 1");

    (void)state;
    assert_int_equal(timeline_csv_write(summary, &table), 0);
    assert_non_null(strstr(buf_str(&table), ",\"'=cmd()|\"\"x\"\", 1\","));
    json_decref(summary);
    buf_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_point_is_a_line),
        cmocka_unit_test(goodput_is_empty_only_where_there_are_no_slos),
        cmocka_unit_test(a_bound_stands_in_its_own_column),
        cmocka_unit_test(a_run_without_points_has_a_heading),
        cmocka_unit_test(fault_55_a_text_is_no_formula),
    };

    return cmocka_run_group_tests_name("timeline_csv", tests, NULL, NULL);
}

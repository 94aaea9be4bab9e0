#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "measure/metric.h"
#include "measure/sample.h"

#define PAGE_BYTES (64 * 1024)

/* doc/metrics.md. */
static int read_page(void **state)
{
    FILE *file = fopen(*state, "re");
    char *page = calloc(1, PAGE_BYTES);

    if (!file || !page)
        return -1;
    if (fread(page, 1, PAGE_BYTES - 1, file) == 0)
        return -1;
    *state = page;
    return fclose(file);
}

static int free_page(void **state)
{
    free(*state);
    return 0;
}

static void every_metric_is_found_by_its_name(void **state)
{
    (void)state;
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        enum metric found = METRIC_COUNT;

        assert_non_null(metric_info(metric)->name);
        assert_int_equal(metric_find(metric_info(metric)->name, &found), 0);
        assert_int_equal(found, metric);
    }
}

static void an_unknown_name_is_not_found(void **state)
{
    enum metric found = METRIC_TLS;

    (void)state;
    assert_int_equal(metric_find("itl", &found), -ENOENT);
    assert_int_equal(metric_find("", &found), -ENOENT);
    assert_int_equal(found, METRIC_TLS);
}

static void the_page_has_each_metric_as_the_table_has_it(void **state)
{
    struct buf row = BUF_INIT(4096);

    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct metric_info *info = metric_info(metric);

        buf_clear(&row);
        buf_printf(&row, "| `%s` | %s | %s | %s |\n", info->name, info->help,
                   info->streamed ? "streams" : "all", info->censored ? "yes" : "no");
        if (!strstr(*state, buf_str(&row)))
            fail_msg("doc/metrics.md lacks the row: %s", buf_str(&row));
    }
    buf_deinit(&row);
}

static void the_page_has_each_outcome_as_the_table_has_it(void **state)
{
    struct buf row = BUF_INIT(4096);

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        buf_clear(&row);
        buf_printf(&row, "| `%s` | %s |\n", outcome_name(outcome), outcome_help(outcome));
        if (!strstr(*state, buf_str(&row)))
            fail_msg("doc/metrics.md lacks the row: %s", buf_str(&row));
    }
    buf_deinit(&row);
}

/* The page's path is the only argument. */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_found_by_its_name),
        cmocka_unit_test(an_unknown_name_is_not_found),
        cmocka_unit_test_prestate_setup_teardown(
            the_page_has_each_metric_as_the_table_has_it, read_page, free_page, argv[1]),
        cmocka_unit_test_prestate_setup_teardown(
            the_page_has_each_outcome_as_the_table_has_it, read_page, free_page, argv[1]),
    };

    if (argc != 2)
        return 2;
    return cmocka_run_group_tests_name("metric", tests, NULL, NULL);
}

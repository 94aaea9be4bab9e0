#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_run.h"
#include "output/markdown.h"
#include "result/summary.h"

#define MAX_TEXT ((size_t)1 << 20)

static void write_page(struct made_run *run, struct buf *out)
{
    json_t *summary = NULL;

    assert_int_equal(summary_build(&run->facts, &summary), 0);
    assert_int_equal(markdown_write(summary, "results/three_tenants", out), 0);
    json_decref(summary);
}

static void assert_has(const struct buf *page, const char *text)
{
    if (!strstr(buf_str(page), text))
        fail_msg("no '%s' in:\n%s", text, buf_str(page));
}

static void assert_lacks(const struct buf *page, const char *text)
{
    if (strstr(buf_str(page), text))
        fail_msg("'%s' in:\n%s", text, buf_str(page));
}

static void the_verdict_comes_first(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    write_page(&run, &page);
    assert_int_equal(strncmp(buf_str(&page), "# three-tenants: passed\n", 24), 0);
    buf_clear(&page);
    verdicts_add(&run.verdicts, EXIT_THRESHOLDS, "ttft should satisfy p(95)<2s: 4 s.");
    write_page(&run, &page);
    assert_int_equal(strncmp(buf_str(&page), "# three-tenants: failed\n", 24), 0);
    assert_has(&page, "- **99** ttft should satisfy p(95)&lt;2s: 4 s.\n");
    buf_deinit(&page);
    made_run_deinit(&run);
}

static void goodput_is_told_where_there_are_slos(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .objectives = true});
    write_page(&run, &page);
    assert_has(&page, "\n| goodput | 60.0/s: 60.0% of 3,500 operations met all SLOs; "
                      "missed: ttft 1,400; ignored: ttfo, which no answer had |\n");
    made_run_deinit(&run);
    buf_clear(&page);
    made_run_init(&run, (struct made_options){.requests = 400});
    write_page(&run, &page);
    assert_lacks(&page, "goodput");
    buf_deinit(&page);
    made_run_deinit(&run);
}

static void it_has_thresholds_latencies_phases_errors_and_how_to_repeat(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    write_page(&run, &page);
    assert_has(&page, "| **failed** | ttft p(95)&lt;2s | more than ");
    assert_has(&page, "| **failed** | error\\_rate\\{model:small\\} rate&lt;1% | ");
    assert_has(&page, "| ttft | ");
    assert_has(&page, "| icl | 20.0 ms | ");
    assert_has(&page, " | > 3998 ms | ");
    assert_has(&page, "| spike | 500 | 100.0 | ");
    assert_has(&page, "| rate\\_limited | ");
    assert_has(&page, "quota \"gold\" is used up\xef\xbf\xbd\\[31m |");
    assert_has(&page, "- again: throng run results/three\\_tenants/scenario.yaml\n");
    buf_deinit(&page);
    made_run_deinit(&run);
}

/* FAULTS 55. Each row of a table has as many cells as its head. */
static void fault_55_names_from_outside_stay_text(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .evil = true});
    run.plan.name = "a | b\n# <script>alert(1)</script>";
    write_page(&run, &page);
    assert_lacks(&page, "<script");
    assert_lacks(&page, "\n# <");
    assert_lacks(&page, "\033");
    assert_lacks(&page, "\r");
    assert_has(&page, "# a \\| b &#35; &lt;script&gt;");
    assert_has(&page, "| evil\xef\xbf\xbd\\[31m");
    buf_deinit(&page);
    made_run_deinit(&run);
}

static void a_run_without_requests_has_a_page(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){0});
    write_page(&run, &page);
    assert_has(&page, "| requests | 0 (");
    assert_has(&page, " failed (–) |");
    assert_has(&page, "| no data |");
    buf_deinit(&page);
    made_run_deinit(&run);
}

static void what_scripts_told_is_in_tables(void **state)
{
    struct made_run run = {0};
    struct buf page = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .scripted = true});
    write_page(&run, &page);
    assert_has(&page, "\n## Checks\n");
    assert_has(&page, "| ask | is short | 98.00% | 3,500 |\n");
    assert_has(&page, "| ask | names a source | – | 0 |\n");
    assert_has(&page, "| ::search | 440 ms | ");
    assert_has(&page,
               "| lookup\\_duration | 69.1 ms | 114 ms | 118 ms | 119 ms | 3,500 |");
    assert_has(&page, " | 7,000 | 3,500 |\n");
    assert_has(&page, "| misses | counter | 350  |\n");
    assert_has(&page, "| found | rate | 90.00% of 3,500 |\n");
    assert_has(&page, "| depth | gauge | 14 (from 0 to 16) jobs |\n");
    buf_deinit(&page);
    made_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verdict_comes_first),
        cmocka_unit_test(goodput_is_told_where_there_are_slos),
        cmocka_unit_test(it_has_thresholds_latencies_phases_errors_and_how_to_repeat),
        cmocka_unit_test(fault_55_names_from_outside_stay_text),
        cmocka_unit_test(a_run_without_requests_has_a_page),
        cmocka_unit_test(what_scripts_told_is_in_tables),
    };

    return cmocka_run_group_tests_name("markdown", tests, NULL, NULL);
}

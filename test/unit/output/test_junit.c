#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_run.h"
#include "output/junit.h"
#include "result/summary.h"

#define MAX_TEXT ((size_t)1 << 20)

static void write_document(struct made_run *run, struct buf *out)
{
    json_t *summary = NULL;

    assert_int_equal(summary_build(&run->facts, &summary), 0);
    assert_int_equal(junit_write(summary, out), 0);
    json_decref(summary);
}

static void assert_has(const struct buf *document, const char *text)
{
    if (!strstr(buf_str(document), text))
        fail_msg("no '%s' in:\n%s", text, buf_str(document));
}

static void each_threshold_is_a_case(void **state)
{
    struct made_run run = {0};
    struct buf document = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    write_document(&run, &document);
    assert_has(&document, "<testsuites name=\"throng\" tests=\"3\" failures=\"0\"");
    assert_has(&document, "name=\"three-tenants\" timestamp=\"2026-11-21T10:09:00\"");
    assert_has(&document, "<testcase classname=\"thresholds\" name=\"ttft p(95)&lt;2s\" "
                          "time=\"0\"/>");
    assert_has(&document, "name=\"the run passes\" time=\"0\"/>");
    buf_deinit(&document);
    made_run_deinit(&run);
}

static void a_failure_says_what_was_expected_and_what_was_measured(void **state)
{
    struct made_run run = {0};
    struct buf document = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    verdicts_add(&run.verdicts, EXIT_THRESHOLDS, "ttft should satisfy p(95)<2s");
    verdicts_add(&run.verdicts, EXIT_COST, "The cost limit was reached.");
    write_document(&run, &document);
    /* Two thresholds, the run, and the one verdict that no threshold stands for. */
    assert_has(&document, " tests=\"4\" failures=\"4\"");
    assert_has(&document, "message=\"expected p(95)&lt;2s, measured more than ");
    assert_has(&document, "<testcase classname=\"verdicts\" name=\"the cost limit was "
                          "reached\" time=\"0\">");
    buf_deinit(&document);
    made_run_deinit(&run);
}

static void what_was_ignored_is_skipped(void **state)
{
    struct made_run run = {0};
    struct buf document = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000});
    run.judged[0] = (struct threshold_judgement){.passed = true, .ignored = true};
    write_document(&run, &document);
    assert_has(&document, "skipped=\"1\"");
    assert_has(&document, "<skipped/>");
    buf_deinit(&document);
    made_run_deinit(&run);
}

/* They fail no run, so no suite either. */
static void
each_check_is_a_case_and_one_that_failed_is_skipped_with_how_often(void **state)
{
    struct made_run run = {0};
    struct buf document = BUF_INIT(MAX_TEXT);

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .scripted = true});
    write_document(&run, &document);
    assert_has(&document, " tests=\"6\" failures=\"0\"");
    assert_has(&document, " skipped=\"2\"");
    assert_has(&document, "<testcase classname=\"checks\" name=\"ask: has words\" "
                          "time=\"0\"/>");
    assert_has(&document, "name=\"ask: is short\" time=\"0\">\n      <skipped "
                          "message=\"did not hold 70 times of 3500\"/>");
    assert_has(&document, "<skipped message=\"never looked at\"/>");
    buf_deinit(&document);
    made_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_threshold_is_a_case),
        cmocka_unit_test(a_failure_says_what_was_expected_and_what_was_measured),
        cmocka_unit_test(what_was_ignored_is_skipped),
        cmocka_unit_test(
            each_check_is_a_case_and_one_that_failed_is_skipped_with_how_often),
    };

    return cmocka_run_group_tests_name("junit", tests, NULL, NULL);
}

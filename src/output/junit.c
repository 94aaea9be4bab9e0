#include "output/junit.h"

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "output/markup.h"
#include "output/summary_reader.h"
#include "result/verdict.h"

#define MAX_NAME_BYTES ((size_t)64 * 1024)

/* Of JUnit's moments: seconds, without a zone. */
#define MOMENT_CHARS 19

struct tally {
    size_t tests;
    size_t failures;
    size_t skipped;
};

static void put_attribute(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, " %s=\"", name);
    markup_append_xml(out, value);
    buf_append_char(out, '"');
}

static void put_property(struct buf *out, const char *name, const char *value)
{
    buf_append_str(out, "      <property");
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    buf_append_str(out, "/>\n");
}

/* A verdict of a kind that no threshold stands for. */
static bool is_case(const json_t *verdict)
{
    const int64_t code = summary_count(verdict, "code");

    return code != EXIT_THRESHOLDS && code != EXIT_REGRESSION;
}

/* A check that was looked at, and always held. */
static bool is_clean(const json_t *check)
{
    return summary_count(check, "fails") == 0 && summary_count(check, "passes") > 0;
}

static struct tally count_cases(const json_t *summary)
{
    const json_t *thresholds = summary_at(summary, "thresholds");
    const json_t *verdicts = summary_at(summary, "verdicts");
    const json_t *checks = summary_at(summary, "checks");
    struct tally tally = {.tests = json_array_size(thresholds) + json_array_size(checks)};

    for (size_t i = 0; i < json_array_size(checks); i++)
        tally.skipped += !is_clean(json_array_get(checks, i));

    for (size_t i = 0; i < json_array_size(thresholds); i++) {
        const json_t *threshold = json_array_get(thresholds, i);

        tally.skipped += json_is_true(summary_at(threshold, "ignored"));
        tally.failures += !json_is_true(summary_at(threshold, "passed"));
    }
    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        tally.tests += is_case(json_array_get(verdicts, i));
        tally.failures += is_case(json_array_get(verdicts, i));
    }
    tally.tests++; /* the run itself */
    tally.failures += summary_count(summary, "run/exit_code") != EXIT_PASSED;
    return tally;
}

static void put_tally(struct buf *out, const json_t *summary, struct tally tally)
{
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" time=\"%.3f\"",
               tally.tests, tally.failures,
               json_number_value(summary_at(summary, "run/duration_s")));
}

static void begin_case(struct buf *out, const char *class, const char *name)
{
    buf_append_str(out, "    <testcase");
    put_attribute(out, "classname", class);
    put_attribute(out, "name", name);
    buf_append_str(out, " time=\"0\"");
}

static void end_failed(struct buf *out, const char *type, const char *message)
{
    buf_append_str(out, ">\n      <failure");
    put_attribute(out, "type", type);
    put_attribute(out, "message", message);
    buf_append_char(out, '>');
    markup_append_xml(out, message);
    buf_append_str(out, "</failure>\n    </testcase>\n");
}

static void put_threshold(struct buf *out, const json_t *threshold)
{
    struct buf name = BUF_INIT(MAX_NAME_BYTES);
    struct buf message = BUF_INIT(MAX_NAME_BYTES);

    summary_say_threshold(threshold, &name);
    begin_case(out, "thresholds", buf_str(&name));
    if (json_is_true(summary_at(threshold, "ignored"))) {
        buf_append_str(out, ">\n      <skipped/>\n    </testcase>\n");
    } else if (json_is_true(summary_at(threshold, "passed"))) {
        buf_append_str(out, "/>\n");
    } else {
        buf_printf(&message, "expected %s, measured ",
                   summary_text(threshold, "expression"));
        summary_say_value(threshold, &message);
        end_failed(out, "threshold", buf_str(&message));
    }
    buf_deinit(&name);
    buf_deinit(&message);
}

/*
 * A check fails no run by itself, and so no suite: where it did not hold it is skipped, with how
 * often. A threshold on checks has a case of its own.
 */
static void put_check(struct buf *out, const json_t *check)
{
    const json_int_t fails = summary_count(check, "fails");
    const json_int_t count = fails + summary_count(check, "passes");
    struct buf name = BUF_INIT(MAX_NAME_BYTES);
    struct buf message = BUF_INIT(MAX_NAME_BYTES);

    buf_printf(&name, "%s: %s", summary_text(check, "step"), summary_text(check, "name"));
    begin_case(out, "checks", buf_str(&name));
    if (is_clean(check)) {
        buf_append_str(out, "/>\n");
    } else {
        if (count > 0)
            buf_printf(&message,
                       "did not hold %" JSON_INTEGER_FORMAT
                       " times of %" JSON_INTEGER_FORMAT,
                       fails, count);
        else
            buf_append_str(&message, "never looked at");
        buf_append_str(out, ">\n      <skipped");
        put_attribute(out, "message", buf_str(&message));
        buf_append_str(out, "/>\n    </testcase>\n");
    }
    buf_deinit(&name);
    buf_deinit(&message);
}

static void put_verdicts(struct buf *out, const json_t *summary)
{
    const json_t *verdicts = summary_at(summary, "verdicts");
    const int code = (int)summary_count(summary, "run/exit_code");
    const char *text = exit_code_text(code);

    begin_case(out, "run", "the run passes");
    if (code == EXIT_PASSED)
        buf_append_str(out, "/>\n");
    else
        end_failed(out, "exit_code", text ? text : "");
    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        const json_t *verdict = json_array_get(verdicts, i);

        if (!is_case(verdict))
            continue;
        begin_case(out, "verdicts", summary_text(verdict, "meaning"));
        end_failed(out, "verdict", summary_text(verdict, "sentence"));
    }
}

static void put_suite(struct buf *out, const json_t *summary, struct tally tally)
{
    const char *started = summary_text(summary, "run/started_at");
    char moment[MOMENT_CHARS + 1] = "";

    (void)snprintf(moment, sizeof(moment), "%s", started);
    buf_append_str(out,
                   "  <testsuite id=\"0\" package=\"throng\" hostname=\"localhost\"");
    put_attribute(out, "name", summary_text(summary, "run/scenario"));
    put_attribute(out, "timestamp", moment);
    put_tally(out, summary, tally);
    buf_printf(out, " skipped=\"%zu\"", tally.skipped);
    buf_append_str(out, ">\n    <properties>\n");
    put_property(out, "run_id", summary_text(summary, "run/id"));
    put_property(out, "fingerprint", summary_text(summary, "run/fingerprint"));
    put_property(out, "version", summary_text(summary, "run/version"));
    put_property(out, "stop_reason", summary_text(summary, "run/stop_reason"));
    put_property(out, "trust", summary_text(summary, "client/trust"));
    buf_append_str(out, "    </properties>\n");
}

int junit_write(const json_t *summary, struct buf *out)
{
    const json_t *thresholds = summary_at(summary, "thresholds");
    const json_t *checks = summary_at(summary, "checks");
    const struct tally tally = count_cases(summary);

    buf_append_str(
        out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"throng\"");
    put_tally(out, summary, tally);
    buf_append_str(out, ">\n");
    put_suite(out, summary, tally);
    for (size_t i = 0; i < json_array_size(thresholds); i++)
        put_threshold(out, json_array_get(thresholds, i));
    for (size_t i = 0; i < json_array_size(checks); i++)
        put_check(out, json_array_get(checks, i));
    put_verdicts(out, summary);
    buf_append_str(
        out, "    <system-out/>\n    <system-err/>\n  </testsuite>\n</testsuites>\n");
    return buf_error(out);
}

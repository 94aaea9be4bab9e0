#include "output/markdown.h"

#include <inttypes.h>
#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "output/markdown_ab.h"
#include "output/markdown_backend.h"
#include "output/markdown_capacity.h"
#include "output/markdown_insight.h"
#include "output/markdown_script.h"
#include "output/markup.h"
#include "output/summary_goodput.h"
#include "output/summary_platform.h"
#include "output/summary_reader.h"
#include "output/summary_users.h"

#define MAX_CELL_BYTES ((size_t)64 * 1024)
#define MAX_ROWS                                                                         \
    12 /* of a table that a run decides the length of; the rest is in summary.json */

/* Says something about a node into a buffer. */
typedef void say_fn(const json_t *node, struct buf *out);

static void put_text(struct buf *out, const char *text)
{
    markup_append_markdown(out, text);
}

/* What was said, as text and not as markup. */
static void put_said(struct buf *out, say_fn *say, const json_t *node)
{
    struct buf said = BUF_INIT(MAX_CELL_BYTES);

    say(node, &said);
    put_text(out, buf_str(&said));
    buf_deinit(&said);
}

static void put_count(struct buf *out, json_int_t count)
{
    quantity_format_count(out, count > 0 ? (uint64_t)count : 0);
}

static void put_number(struct buf *out, const char *format_unit, double number)
{
    if (isfinite(number))
        buf_printf(out, "%.1f%s", number, format_unit);
    else
        buf_append_str(out, "–");
}

static void put_verdict(struct buf *out, const json_t *summary)
{
    const json_t *verdicts = summary_at(summary, "verdicts");
    const json_int_t code = summary_count(summary, "run/exit_code");

    buf_append_str(out, "# ");
    put_text(out, summary_text(summary, "run/scenario"));
    buf_append_str(out, code == 0 ? ": passed\n\n" : ": failed\n\n");
    put_text(out, summary_text(summary, "run/description"));
    buf_append_str(out, *summary_text(summary, "run/description") ? "\n\n" : "");
    for (size_t i = 0; i < json_array_size(verdicts); i++) {
        const json_t *verdict = json_array_get(verdicts, i);

        buf_append_str(out, "- ");
        if (summary_count(verdict, "code") != 0)
            buf_printf(out, "**%" JSON_INTEGER_FORMAT "** ",
                       summary_count(verdict, "code"));
        put_text(out, summary_text(verdict, "sentence"));
        buf_append_char(out, '\n');
    }
    buf_append_str(out, json_array_size(verdicts) > 0 ? "\n" : "");
}

static void begin_row(struct buf *out, const char *name)
{
    buf_printf(out, "| %s | ", name);
}

/* ", 40 abandoned by impatient people", where there are any. */
static void put_some(struct buf *out, const json_t *summary, const char *member,
                     const char *words)
{
    const int64_t count = summary_count(summary, member);

    if (count == 0)
        return;
    buf_append_str(out, ", ");
    put_count(out, count);
    buf_printf(out, " %s", words);
}

static void put_tokens(struct buf *out, const json_t *summary)
{
    begin_row(out, "tokens");
    put_count(out, summary_count(summary, "totals/prompt_tokens"));
    buf_append_str(out, " in, ");
    put_count(out, summary_count(summary, "totals/completion_tokens"));
    buf_append_str(out, " out, ");
    put_number(out, "/s", summary_number(summary, "totals/output_tokens_per_second"));
    if (summary_count(summary, "totals/estimated_tokens") > 0)
        buf_append_str(out, " (partly estimated)");
    buf_append_str(out, " |\n");
}

/* Of each model that says what it could reach. */
static void put_efficiency(struct buf *out, const json_t *summary)
{
    json_t *models = json_object_get(summary_at(summary, "by"), "model");
    const char *name = NULL;
    json_t *model = NULL;

    json_object_foreach(models, name, model)
    {
        const double share = summary_number(model, "tps_efficiency");

        if (!isfinite(share))
            continue;
        begin_row(out, "efficiency");
        put_text(out, name);
        buf_printf(out, ": %.1f%% of %.4g tokens/s that one stream could reach |\n",
                   100 * share, summary_number(model, "theoretical_tps"));
    }
}

static void put_isolation(struct buf *out, const json_t *summary)
{
    if (!json_is_object(summary_at(summary, "isolation")))
        return;
    begin_row(out, "isolation");
    put_text(out, summary_text(summary, "isolation/sentence"));
    buf_append_str(out, " |\n");
}

static void put_window(struct buf *out, const json_t *summary)
{
    begin_row(out, "measured");
    put_number(out, " s", summary_number(summary, "window/start_s"));
    buf_append_str(out, " to ");
    put_number(out, " s", summary_number(summary, "window/end_s"));
    buf_append_str(out, " of ");
    put_number(out, " s", summary_number(summary, "run/duration_s"));
    buf_append_str(out, ", ended by: ");
    put_text(out, summary_text(summary, "run/stop_reason"));
    buf_append_str(out, " |\n");
}

/* How far the figures can be trusted, with what keeps them from the best grade. */
static void put_trust(struct buf *out, const json_t *summary)
{
    const json_t *reasons = summary_at(summary, "client/reasons");

    begin_row(out, "trust");
    put_text(out, summary_text(summary, "client/trust"));
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        buf_append_str(out, i == 0 ? ": " : "; ");
        put_text(out, summary_text(json_array_get(reasons, i), "sentence"));
    }
    buf_append_str(out, " |\n");
}

static void put_goodput(struct buf *out, const json_t *summary)
{
    const struct summary_goodput goodput = summary_goodput_of(summary);
    struct buf said = BUF_INIT(MAX_CELL_BYTES);

    if (summary_say_goodput(&goodput, &said)) {
        begin_row(out, "goodput");
        put_text(out, buf_str(&said));
        buf_append_str(out, " |\n");
    }
    buf_deinit(&said);
}

/* Of an open loop. */
static void put_arrivals(struct buf *out, const json_t *summary)
{
    const double end_s = summary_number(summary, "window/end_s");
    const double window_s = end_s - summary_number(summary, "window/start_s");
    const json_int_t due = summary_count(summary, "totals/arrivals");

    if (!json_is_object(summary_at(summary, "workload/arrivals")))
        return;
    begin_row(out, "arrivals");
    put_count(out, due);
    buf_append_str(out, " due (");
    put_number(out, "/s", window_s > 0 ? (double)due / window_s : (double)NAN);
    buf_append_str(out, "), ");
    put_count(out, summary_count(summary, "totals/arrivals_taken"));
    buf_append_str(out, " taken");
    put_some(out, summary, "totals/dropped_iterations", "dropped: nobody was free");
    buf_append_str(out, " |\n");
}

static void put_totals(struct buf *out, const json_t *summary)
{
    const double error_rate = summary_number(summary, "totals/error_rate");

    buf_append_str(out, "| | |\n|---|---|\n");
    begin_row(out, "requests");
    put_count(out, summary_count(summary, "totals/requests"));
    buf_append_str(out, " (");
    put_number(out, "/s", summary_number(summary, "totals/requests_per_second"));
    buf_append_str(out, "), ");
    put_count(out, summary_count(summary, "totals/failed"));
    buf_append_str(out, " failed (");
    put_number(out, "%", error_rate * 100);
    buf_append_char(out, ')');
    put_some(out, summary, "totals/abandoned", "abandoned by impatient people");
    put_some(out, summary, "totals/sabotaged", "broken on purpose");
    put_some(out, summary, "totals/retries", "of them retries");
    buf_append_str(out, " |\n");
    put_goodput(out, summary);
    put_arrivals(out, summary);
    begin_row(out, "users");
    put_count(out, summary_count(summary, "totals/users_peak"));
    buf_append_str(out, " at most |\n");
    put_tokens(out, summary);
    put_efficiency(out, summary);
    if (summary_count(summary, "totals/cost_pusd") > 0) {
        begin_row(out, "cost");
        quantity_format_money(out, summary_count(summary, "totals/cost_pusd"));
        buf_append_str(out, " |\n");
    }
    put_isolation(out, summary);
    put_window(out, summary);
    put_trust(out, summary);
    begin_row(out, "throng");
    put_number(out, " s of CPU", summary_number(summary, "client/cpu_s"));
    buf_append_str(out, ", schedule lag p99 ");
    summary_say_percentile(summary_at(summary, "client/schedule_lag"), "p99", out);
    buf_append_str(out, " |\n");
}

static void put_thresholds(struct buf *out, const json_t *summary)
{
    const json_t *thresholds = summary_at(summary, "thresholds");

    if (json_array_size(thresholds) == 0)
        return;
    buf_append_str(out, "\n## Thresholds\n\n| | threshold | measured |\n|---|---|---|\n");
    for (size_t i = 0; i < json_array_size(thresholds); i++) {
        const json_t *threshold = json_array_get(thresholds, i);

        begin_row(out, json_is_true(summary_at(threshold, "ignored"))  ? "ignored"
                       : json_is_true(summary_at(threshold, "passed")) ? "passed"
                                                                       : "**failed**");
        put_said(out, summary_say_threshold, threshold);
        buf_append_str(out, " | ");
        put_said(out, summary_say_value, threshold);
        buf_append_str(out, " |\n");
    }
}

static void put_percentiles(struct buf *out, const json_t *latency,
                            const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_append_str(out, " | ");
        summary_say_percentile(latency, names[i], out);
    }
}

static void put_latencies(struct buf *out, const json_t *summary)
{
    static const char *const metrics[] = {
        "ttft", "ttft_from_due", "ttfo",         "icl",       "tpot",
        "e2e",  "e2e_from_due",  "arrival_wait", "conn_wait", "ttfb"};
    static const char *const names[] = {"p50", "p90", "p95", "p99", "max"};

    buf_append_str(out, "\n## Latencies\n\n| | p50 | p90 | p95 | p99 | max | count |\n"
                        "|---|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        const json_t *latency =
            json_object_get(summary_at(summary, "metrics"), metrics[i]);

        if (!latency)
            continue;
        buf_append_str(out, "| ");
        put_text(out, metrics[i]);
        put_percentiles(out, latency, names, COUNT_OF(names));
        buf_append_str(out, " | ");
        put_count(out,
                  summary_count(latency, "count") + summary_count(latency, "censored"));
        buf_append_str(out, " |\n");
    }
}

static void put_value(struct buf *out, const char *name, const json_t *value)
{
    static const char *const names[] = {"p50", "p95"};

    buf_append_str(out, "| ");
    put_text(out, name);
    buf_append_str(out, " | ");
    put_count(out, summary_count(value, "requests"));
    buf_append_str(out, " | ");
    put_number(out, "", summary_number(value, "requests_per_second"));
    buf_append_str(out, " | ");
    put_count(out, summary_count(value, "failed"));
    put_percentiles(out, summary_at(value, "metrics/ttft"), names, COUNT_OF(names));
    put_percentiles(out, summary_at(value, "metrics/e2e"), names, COUNT_OF(names));
    buf_append_str(out, " | ");
    put_number(out, "", summary_number(value, "output_tokens_per_second"));
    buf_append_str(out, " |\n");
}

/* A dimension, where it has so many values that it tells something. */
static void put_dimension(struct buf *out, const json_t *summary, const char *key,
                          const char *heading, size_t least)
{
    json_t *values = json_object_get(summary_at(summary, "by"), key);
    const char *name = NULL;
    json_t *value = NULL;
    size_t told = 0;

    if (json_object_size(values) < least)
        return;
    buf_printf(out,
               "\n## %s\n\n| | requests | /s | failed | ttft p50 | p95 | e2e p50 | p95 | "
               "tokens/s |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
               heading);
    json_object_foreach(values, name, value)
    {
        if (told++ < MAX_ROWS)
            put_value(out, name, value);
    }
    if (told > MAX_ROWS)
        buf_printf(out, "\n… and %zu more in summary.json.\n", told - MAX_ROWS);
}

static void put_errors(struct buf *out, const json_t *summary)
{
    const json_t *errors = summary_at(summary, "errors");

    if (json_array_size(errors) == 0)
        return;
    buf_append_str(out, "\n## Errors\n\n| kind | count | what it means | example |\n"
                        "|---|---:|---|---|\n");
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *error = json_array_get(errors, i);

        buf_append_str(out, "| ");
        put_text(out, summary_text(error, "kind"));
        buf_append_str(out, " | ");
        put_count(out, summary_count(error, "count"));
        buf_append_str(out, " | ");
        put_text(out, summary_text(error, "help"));
        buf_append_str(out, " | ");
        put_text(out, summary_text(error, "example"));
        buf_append_str(out, " |\n");
    }
}

static void put_origin(struct buf *out, const json_t *summary, const char *results_path)
{
    const json_t *targets = summary_at(summary, "targets");

    buf_append_str(out, "\n## Where it came from\n\n- run: ");
    put_text(out, summary_text(summary, "run/id"));
    buf_append_str(out, ", started ");
    put_text(out, summary_text(summary, "run/started_at"));
    for (size_t i = 0; i < json_array_size(targets); i++) {
        const json_t *target = json_array_get(targets, i);

        buf_append_str(out, "\n- target: ");
        put_text(out, summary_text(target, "url"));
        if (json_is_true(summary_at(target, "simulator")))
            buf_append_str(out, " (the built-in simulator)");
        if (json_is_false(summary_at(target, "tls_verified")))
            buf_append_str(out, " (certificates were not verified)");
    }
    buf_append_str(out, "\n- results: ");
    put_text(out, results_path);
    buf_append_str(out, "\n- again: throng run ");
    put_text(out, results_path);
    buf_append_str(out, "/scenario.yaml\n- workload: ");
    put_text(out, summary_text(summary, "run/fingerprint"));
    buf_append_str(out, "\n- made by throng ");
    put_text(out, summary_text(summary, "run/version"));
    buf_append_char(out, '\n');
}

int markdown_write(const json_t *summary, const char *results_path, struct buf *out)
{
    put_verdict(out, summary);
    markdown_capacity(summary, out);
    put_totals(out, summary);
    put_thresholds(out, summary);
    markdown_advice(summary, out);
    put_latencies(out, summary);
    markdown_anomalies(summary, out);
    markdown_ab(summary, out);
    markdown_script(summary, out);
    markdown_backend(summary, out);
    put_dimension(out, summary, "phase", "By phase", 1);
    put_dimension(out, summary, "model", "By model", 2);
    put_dimension(out, summary, "step", "By step", 2);
    put_dimension(out, summary, "class", "By class of users", 2);
    put_dimension(out, summary, "org_id", "By organization", 2);
    put_dimension(out, summary, "target", "By target", 2);
    put_dimension(out, summary, "arm", "By arm", 2);
    markdown_platform(summary, out);
    markdown_users(summary, out);
    put_errors(out, summary);
    put_origin(out, summary, results_path);
    return buf_error(out);
}

#include "output/markdown_script.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/quantity.h"
#include "output/markup.h"
#include "output/summary_reader.h"

/* Rows of one table; the rest stands in summary.json. */
#define MAX_ROWS 40

static void put_count(struct buf *out, json_int_t count)
{
    quantity_format_count(out, count > 0 ? (uint64_t)count : 0);
}

static void put_number(struct buf *out, double number)
{
    if (isfinite(number))
        quantity_format_number(out, number);
    else
        buf_append_str(out, "–");
}

static void put_share(struct buf *out, double share)
{
    if (isfinite(share))
        buf_printf(out, "%.2f%%", share * 100);
    else
        buf_append_str(out, "–");
}

static void put_rest(struct buf *out, size_t rows)
{
    if (rows > MAX_ROWS)
        buf_printf(out, "\n… and %zu more in summary.json.\n", rows - MAX_ROWS);
}

static void put_checks(struct buf *out, const json_t *summary)
{
    const json_t *checks = summary_at(summary, "checks");
    const size_t count = json_array_size(checks);

    if (count == 0)
        return;
    buf_append_str(out, "\n## Checks\n\n| step | check | held | of |\n"
                        "|---|---|---:|---:|\n");
    for (size_t i = 0; i < count && i < MAX_ROWS; i++) {
        const json_t *check = json_array_get(checks, i);
        const json_int_t passes = summary_count(check, "passes");

        buf_append_str(out, "| ");
        markup_append_markdown(out, summary_text(check, "step"));
        buf_append_str(out, " | ");
        markup_append_markdown(out, summary_text(check, "name"));
        buf_append_str(out, " | ");
        put_share(out, summary_number(check, "rate"));
        buf_append_str(out, " | ");
        put_count(out, passes + summary_count(check, "fails"));
        buf_append_str(out, " |\n");
    }
    put_rest(out, count);
}

/* A percentile: of times as any latency, of numbers as it is. */
static void put_percentile(struct buf *out, const json_t *metric, const char *name)
{
    buf_append_str(out, " | ");
    if (strcmp(summary_text(metric, "unit"), "ms") == 0)
        summary_say_percentile(metric, name, out);
    else
        put_number(out, summary_number(metric, name));
}

static void put_distribution(struct buf *out, const char *name, const json_t *metric)
{
    static const char *const percentiles[] = {"p50", "p95", "p99", "max"};

    buf_append_str(out, "| ");
    markup_append_markdown(out, name);
    for (size_t i = 0; i < COUNT_OF(percentiles); i++)
        put_percentile(out, metric, percentiles[i]);
    buf_append_str(out, " | ");
    put_count(out, summary_count(metric, "count"));
    buf_append_str(out, " |\n");
}

static void put_groups(struct buf *out, const json_t *summary)
{
    json_t *groups = json_object_get(summary_at(summary, "by"), "group");
    const char *name = NULL;
    json_t *group = NULL;
    size_t rows = 0;

    json_object_foreach(groups, name, group)
    {
        const json_t *duration = summary_at(group, "metrics/group_duration");

        if (!duration)
            continue;
        if (rows == 0)
            buf_append_str(out, "\n## Groups\n\n| | p50 | p95 | p99 | max | count |\n"
                                "|---|---:|---:|---:|---:|---:|\n");
        if (rows++ < MAX_ROWS)
            put_distribution(out, name, duration);
    }
    put_rest(out, rows);
}

static bool is_trend(const json_t *custom)
{
    return strcmp(summary_text(custom, "kind"), "trend") == 0;
}

static const json_t *metric_of(const json_t *summary, const json_t *custom)
{
    return json_object_get(summary_at(summary, "metrics"), summary_text(custom, "name"));
}

static void put_trends(struct buf *out, const json_t *summary)
{
    const json_t *customs = summary_at(summary, "custom");
    size_t rows = 0;

    for (size_t i = 0; i < json_array_size(customs); i++) {
        const json_t *custom = json_array_get(customs, i);
        const json_t *metric = metric_of(summary, custom);

        if (!is_trend(custom) || !metric)
            continue;
        if (rows == 0)
            buf_append_str(out, "\n## Trends\n\n| | p50 | p95 | p99 | max | count |\n"
                                "|---|---:|---:|---:|---:|---:|\n");
        if (rows++ < MAX_ROWS)
            put_distribution(out, summary_text(custom, "name"), metric);
    }
    put_rest(out, rows);
}

static void put_value(struct buf *out, const char *kind, const json_t *metric)
{
    if (strcmp(kind, "rate") == 0) {
        put_share(out, summary_number(metric, "rate"));
        buf_append_str(out, " of ");
        put_count(out, summary_count(metric, "passes") + summary_count(metric, "fails"));
        return;
    }
    if (strcmp(kind, "gauge") == 0) {
        put_number(out, summary_number(metric, "value"));
        buf_append_str(out, " (from ");
        put_number(out, summary_number(metric, "min"));
        buf_append_str(out, " to ");
        put_number(out, summary_number(metric, "max"));
        buf_append_char(out, ')');
    } else {
        put_number(out, summary_number(metric, "count"));
    }
    buf_append_char(out, ' ');
    markup_append_markdown(out, summary_text(metric, "unit"));
}

/* Counters, rates and gauges. */
static void put_values(struct buf *out, const json_t *summary)
{
    const json_t *customs = summary_at(summary, "custom");
    size_t rows = 0;

    for (size_t i = 0; i < json_array_size(customs); i++) {
        const json_t *custom = json_array_get(customs, i);
        const json_t *metric = metric_of(summary, custom);

        if (is_trend(custom) || !metric)
            continue;
        if (rows == 0)
            buf_append_str(out, "\n## Metrics\n\n| | kind | value |\n|---|---|---|\n");
        if (rows++ >= MAX_ROWS)
            continue;
        buf_append_str(out, "| ");
        markup_append_markdown(out, summary_text(custom, "name"));
        buf_printf(out, " | %s | ", summary_text(custom, "kind"));
        put_value(out, summary_text(custom, "kind"), metric);
        buf_append_str(out, " |\n");
    }
    put_rest(out, rows);
}

void markdown_script(const json_t *summary, struct buf *out)
{
    put_checks(out, summary);
    put_groups(out, summary);
    put_trends(out, summary);
    put_values(out, summary);
}

#include "cli/history_trend_page.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cli/history_command.h"
#include "output/trend_page.h"
#include "result/history.h"

#define MAX_PAGE_BYTES ((size_t)64 << 20)
#define LINES 3

/* A chart: one metric's figures, or a count. */
struct chart {
    const char *title;
    const char *metric;
    const char *aggregates[LINES]; /* NULL from the first that is not there */
};

static const struct chart charts[] = {
    {"Time to first token (TTFT)", "ttft", {"p50", "p95", "p99"}},
    {"Inter-chunk latency (ICL)", "icl", {"p50", "p95", "p99"}},
    {"Time per output token (TPOT)", "tpot", {"p50", "p95", "p99"}},
    {"End to end", "e2e", {"p50", "p95", "p99"}},
    {"Failed requests", "error_rate", {""}},
    {"Requests per second", "requests_per_second", {""}},
    {"Output tokens per second", "output_tokens_per_second", {""}},
    {"Goodput", "goodput", {""}},
    {"Cost", "cost_usd", {""}},
};

/* What a figure was in each run, and its bounds. Returns whether there is anything but nothing and zeros. */
static bool take_values(const json_t *points, json_t *values, json_t *above)
{
    bool is_there = false;

    for (size_t i = 0; i < json_array_size(points); i++) {
        json_t *value = json_object_get(json_array_get(points, i), "value");
        json_t *bound = json_object_get(json_array_get(points, i), "above");

        is_there = is_there || json_number_value(value) != 0 || json_is_number(bound);
        (void)json_array_append(values, value);
        (void)json_array_append(above, bound);
    }
    return is_there;
}

/* Adds a line where there is one. */
static int add_line(const struct history_call *call, const struct history_filter *filter,
                    const struct history_series *series, json_t *chart,
                    struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *points = NULL;
    json_t *line =
        json_pack("{s:s, s:[], s:[]}", "label", series->aggregate, "values", "above");
    const char *unit;
    int r =
        line ? history_trend(call->history, filter, series, &points, reterr) : -ENOMEM;

    if (r < 0 || !take_values(points, json_object_get(line, "values"),
                              json_object_get(line, "above"))) {
        json_decref(line);
        return r;
    }
    unit = json_string_value(
        json_object_get(json_array_get(points, json_array_size(points) - 1), "unit"));
    if (unit)
        (void)json_object_set_new(chart, "unit", json_string(unit));
    return json_array_append_new(json_object_get(chart, "series"), line) < 0 ? -ENOMEM
                                                                             : 0;
}

/* Adds a chart where it has a line. */
static int add_chart(const struct history_call *call, const struct history_filter *filter,
                     const struct chart *chart, json_t *list, struct buf *reterr)
{
    json_t *made =
        json_pack("{s:s, s:s, s:[]}", "title", chart->title, "unit", "ms", "series");
    int r = made ? 0 : -ENOMEM;

    for (size_t i = 0; i < LINES && chart->aggregates[i] && r == 0; i++) {
        const struct history_series series = {.metric = chart->metric,
                                              .aggregate = chart->aggregates[i],
                                              .dimension = "",
                                              .value = ""};

        r = add_line(call, filter, &series, made, reterr);
    }
    if (r < 0 || json_array_size(json_object_get(made, "series")) == 0) {
        json_decref(made);
        return r;
    }
    return json_array_append_new(list, made) < 0 ? -ENOMEM : 0;
}

static int write_file(const char *path, const struct buf *text, struct buf *reterr)
{
    FILE *file = fopen(path, "we");
    bool is_written = file && fwrite(text->bytes, 1, text->len, file) == text->len;

    if (file && fclose(file) != 0)
        is_written = false;
    if (!is_written)
        buf_printf(reterr, "%s: %s", path, strerror(errno));
    return is_written ? 0 : -EIO;
}

int history_trend_page_write(const struct history_call *call,
                             const struct history_filter *filter, json_t *document,
                             struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_PAGE_BYTES);
    json_t *list = json_array();
    int r = json_object_set_new(document, "charts", list) < 0 ? -ENOMEM : 0;

    for (size_t i = 0; i < COUNT_OF(charts) && r == 0; i++)
        r = add_chart(call, filter, &charts[i], list, reterr);
    if (r == 0)
        r = trend_html(document, &text);
    return r < 0 ? r : write_file(call->options->html, &text, reterr);
}

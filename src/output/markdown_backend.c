#include "output/markdown_backend.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/buf.h"
#include "output/markup.h"
#include "output/summary_reader.h"

#define GIB 1073741824.0

static void put_figure(const json_t *metric, const char *name, struct buf *out)
{
    const double value = summary_number(metric, name);
    const char *unit = summary_text(metric, "unit");

    buf_append_str(out, " | ");
    if (!isfinite(value))
        buf_append_str(out, "–");
    else if (strcmp(unit, "fraction") == 0)
        buf_printf(out, "%.1f%%", value * 100);
    else if (strcmp(unit, "bytes") == 0)
        buf_printf(out, "%.2f GiB", value / GIB);
    else
        buf_printf(out, "%.4g%s", value, strcmp(unit, "ms") == 0 ? " ms" : "");
}

static void put_metrics(const json_t *server, struct buf *out)
{
    json_t *metrics = json_object_get(server, "metrics");
    const char *name;
    json_t *metric;

    json_object_foreach(metrics, name, metric)
    {
        buf_append_str(out, "| ");
        markup_append_markdown(out, summary_text(server, "name"));
        buf_printf(out, " | %s", name);
        put_figure(metric, "mean", out);
        put_figure(metric, "p95", out);
        put_figure(metric, "max", out);
        buf_append_str(out, " |\n");
    }
}

static void put_failures(const json_t *server, struct buf *out)
{
    const json_int_t failed = summary_count(server, "failed");

    if (failed == 0)
        return;
    buf_append_str(out, "\n");
    markup_append_markdown(out, summary_text(server, "name"));
    buf_printf(
        out, " told nothing %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " times: ",
        failed, failed + summary_count(server, "answered"));
    markup_append_markdown(out, summary_text(server, "problem"));
    buf_append_str(out, ".\n");
}

void markdown_backend(const json_t *summary, struct buf *out)
{
    const json_t *servers = summary_at(summary, "backend/servers");
    const char *law = summary_text(summary, "backend/littles_law/sentence");
    const size_t count = json_array_size(servers);

    if (count == 0)
        return;
    buf_append_str(out, "\n## Servers\n\n| server | metric | mean | p95 | max |\n"
                        "|---|---|---:|---:|---:|\n");
    for (size_t i = 0; i < count; i++)
        put_metrics(json_array_get(servers, i), out);
    for (size_t i = 0; i < count; i++)
        put_failures(json_array_get(servers, i), out);
    if (*law) {
        buf_append_str(out, "\nLittle's law: ");
        markup_append_markdown(out, law);
        buf_append_str(out, ".\n");
    }
}

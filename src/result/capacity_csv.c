#include "result/capacity_csv.h"

#include "base/buf.h"
#include "base/cleanup.h"

#define LINE_END "\r\n"

/* Members of a level that are columns. */
static const char *const columns[] = {
    "phase",
    "stage",
    "load",
    "start_s",
    "hold_s",
    "verdict",
    "held",
    "trust",
    "untrusted",
    "breach",
    "requests",
    "failed",
    "rate_limited",
    "pending",
    "dropped",
    "done_per_s",
    "tokens_per_s",
    "arrived_per_s",
    "achieved_per_s",
    "in_flight",
    "ttft_p50_ms",
    "ttft_p95_ms",
    "tpot_p50_ms",
    "e2e_mean_ms",
    "e2e_p95_ms",
    "server_running",
    "server_waiting",
    "server_preemptions_per_s",
    "server_kv_cache_usage",
};

bool capacity_csv_has(const json_t *summary)
{
    return json_object_get(summary, "capacity") != NULL;
}

/* Names are our own: none has a comma or a quote in it. */
static void append_cell(struct buf *out, const json_t *cell)
{
    if (json_is_string(cell))
        buf_append_str(out, json_string_value(cell));
    else if (json_is_boolean(cell))
        buf_append_str(out, json_is_true(cell) ? "true" : "false");
    else if (json_is_integer(cell))
        buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(cell));
    else if (json_is_real(cell))
        buf_printf(out, "%.10g", json_real_value(cell));
}

int capacity_csv_write(const json_t *summary, struct buf *out)
{
    const json_t *levels =
        json_object_get(json_object_get(summary, "capacity"), "levels");

    for (size_t i = 0; i < COUNT_OF(columns); i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "", columns[i]);
    buf_append_str(out, LINE_END);
    for (size_t i = 0; i < json_array_size(levels); i++) {
        for (size_t j = 0; j < COUNT_OF(columns); j++) {
            if (j > 0)
                buf_append_char(out, ',');
            append_cell(out, json_object_get(json_array_get(levels, i), columns[j]));
        }
        buf_append_str(out, LINE_END);
    }
    return buf_error(out);
}

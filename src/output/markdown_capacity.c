#include "output/markdown_capacity.h"

#include <math.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "output/markup.h"
#include "output/summary_reader.h"

static void put_line(struct buf *out, const char *label, const char *sentence)
{
    if (!*sentence)
        return;
    buf_printf(out, "\n- %s: ", label);
    markup_append_markdown(out, sentence);
}

static void put_number(struct buf *out, double number)
{
    if (isfinite(number))
        buf_printf(out, " %.5g |", number);
    else
        buf_append_str(out, " – |");
}

static void put_level(struct buf *out, const json_t *level)
{
    static const char *const figures[] = {"load",        "done_per_s",  "failed",
                                          "ttft_p50_ms", "ttft_p95_ms", "tpot_p50_ms",
                                          "e2e_p95_ms"};

    buf_append_str(out, "| ");
    markup_append_markdown(out, summary_text(level, "phase"));
    buf_append_str(out, " | ");
    markup_append_markdown(out, summary_text(level, "stage"));
    buf_append_str(out, " | ");
    markup_append_markdown(out, summary_text(level, "verdict"));
    buf_append_str(out, " |");
    for (size_t i = 0; i < COUNT_OF(figures); i++)
        put_number(out, summary_number(level, figures[i]));
    buf_append_char(out, '\n');
}

void markdown_capacity(const json_t *summary, struct buf *out)
{
    const json_t *capacity = summary_at(summary, "capacity");
    const json_t *levels = summary_at(capacity, "levels");

    if (!capacity)
        return;
    buf_append_str(out, "\n## Capacity\n\n");
    markup_append_markdown(out, summary_text(capacity, "sentence"));
    buf_append_char(out, '\n');
    put_line(out, "saturated", summary_text(capacity, "saturation/sentence"));
    put_line(out, "knee", summary_text(capacity, "knee/sentence"));
    put_line(out, "recovery", summary_text(capacity, "recovery/sentence"));
    buf_append_str(out, "\n\n| level | why | verdict | load | requests/s | failed | ttft "
                        "p50 ms | ttft p95 ms | tpot p50 ms | e2e p95 ms |\n"
                        "|---|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < json_array_size(levels); i++)
        put_level(out, json_array_get(levels, i));
}

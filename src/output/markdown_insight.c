#include "output/markdown_insight.h"

#include "base/buf.h"
#include "output/markup.h"
#include "output/summary_reader.h"

#define MAX_ROWS 12

void markdown_anomalies(const json_t *summary, struct buf *out)
{
    const json_t *anomalies = summary_at(summary, "anomalies");
    const size_t count = json_array_size(anomalies);

    if (count == 0)
        return;
    buf_append_str(out, "\n## Anomalies\n\n");
    for (size_t i = 0; i < count && i < MAX_ROWS; i++) {
        buf_append_str(out, "- ");
        markup_append_markdown(out,
                               summary_text(json_array_get(anomalies, i), "sentence"));
        buf_append_char(out, '\n');
    }
    if (count > MAX_ROWS)
        buf_printf(out, "\n… and %zu more in summary.json.\n", count - MAX_ROWS);
}

void markdown_advice(const json_t *summary, struct buf *out)
{
    const json_t *list = summary_at(summary, "advice");

    if (json_array_size(list) == 0)
        return;
    buf_append_str(out, "\n## Advice\n\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *advice = json_array_get(list, i);
        const json_t *evidence = summary_at(advice, "evidence");

        buf_append_str(out, "- ");
        markup_append_markdown(out, summary_text(advice, "sentence"));
        buf_append_char(out, '\n');
        for (size_t j = 0; j < json_array_size(evidence); j++) {
            const char *sentence = json_string_value(json_array_get(evidence, j));

            buf_append_str(out, "  - ");
            markup_append_markdown(out, sentence ? sentence : "");
            buf_append_char(out, '\n');
        }
    }
}

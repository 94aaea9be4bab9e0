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

#include "output/terminal_insight.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "measure/anomaly.h"
#include "output/terminal_page.h"
#include "result/facts.h"
#include "result/summary_reading.h"

#define MAX_ROWS 5
#define MAX_ADVICE 3

void terminal_advice(struct page *page, const json_t *summary)
{
    const json_t *list = summary_at(summary, "advice");

    for (size_t i = 0; i < json_array_size(list) && i < MAX_ADVICE; i++) {
        const json_t *advice = json_array_get(list, i);
        const bool is_found = strcmp(summary_text(advice, "topic"), "bottleneck") == 0;
        const json_t *evidence = summary_at(advice, "evidence");
        const char *first = json_string_value(json_array_get(evidence, 0));

        if (i == 0)
            buf_append_char(page->out, '\n');
        terminal_put_safe(&page->line, summary_text(advice, "sentence"), SIZE_MAX);
        if (first && is_found) { /* the rest stands on the page already */
            buf_append_str(&page->line, " (");
            terminal_put_safe(&page->line, first, SIZE_MAX);
            buf_append_char(&page->line, ')');
        }
        page_put_row(page, i == 0 ? "Advice" : "", is_found ? PAINT_ACCENT : PAINT_PLAIN);
    }
}

void terminal_anomalies(struct page *page)
{
    const struct anomaly_view *view = &page->facts->anomalies;

    for (size_t i = 0; i < view->ended_count && i < MAX_ROWS; i++) {
        const struct anomaly *anomaly = &view->ended[i];

        buf_printf(&page->line, "from %.0f s to %.0f s ",
                   (double)anomaly->start_ns / (double)NS_PER_S,
                   (double)anomaly->end_ns / (double)NS_PER_S);
        anomaly_say(anomaly, &page->line);
        page_put_row(page, i == 0 ? "Anomalies" : "", PAINT_BAD);
    }
    if (view->ended_count > MAX_ROWS) {
        buf_printf(&page->line, "… and %zu more in summary.json",
                   view->ended_count - MAX_ROWS);
        page_put_row(page, "", PAINT_FAINT);
    }
}

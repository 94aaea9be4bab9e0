#include "output/terminal_insight.h"

#include "base/buf.h"
#include "base/clock.h"
#include "measure/anomaly.h"
#include "output/terminal_page.h"
#include "result/facts.h"

#define MAX_ROWS 5

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

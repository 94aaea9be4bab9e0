#include "output/summary_arrivals.h"

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/recorder.h"
#include "measure/run_view.h"
#include "output/terminal_page.h"
#include "result/facts.h"

static void say_per_second(struct buf *out, uint64_t count, double seconds)
{
    if (seconds > 0)
        buf_printf(out, ", %.1f/s", (double)count / seconds);
}

static void say_waits(const struct histogram *waits, struct buf *out)
{
    struct histogram_quantile p95;

    if (!waits || histogram_count(waits) == 0)
        return;
    p95 = histogram_quantile(waits, 0.95);
    buf_append_str(out, "; ");
    quantity_format_count(out, histogram_count(waits));
    buf_append_str(out, " had to wait for somebody");
    if (!p95.known || p95.above)
        return;
    buf_append_str(out, ", ");
    quantity_format_latency(out, p95.value_ns);
    buf_append_str(out, " (p95)");
}

bool summary_say_arrivals(const struct run_facts *facts, struct buf *out)
{
    const struct series_view window =
        recorder_total(facts->view->recorder, RECORDER_WINDOW);
    const struct counters *counters = window.counters;
    const double seconds = run_span_s(run_facts_window(facts));

    if (!facts->view->is_open)
        return false;
    quantity_format_count(out, counters->arrivals);
    buf_append_str(out, " due");
    say_per_second(out, counters->arrivals, seconds);
    buf_append_str(out, "; ");
    quantity_format_count(out, counters->arrivals_taken);
    buf_append_str(out, " taken");
    say_per_second(out, counters->arrivals_taken, seconds);
    say_waits(window.histograms[METRIC_ARRIVAL_WAIT], out);
    if (counters->dropped_iterations == 0)
        return true;
    buf_append_str(out, "; ");
    quantity_format_count(out, counters->dropped_iterations);
    buf_append_str(out, " dropped (");
    page_say_share(out,
                   (double)counters->dropped_iterations / (double)counters->arrivals);
    buf_append_char(out, ')');
    return true;
}

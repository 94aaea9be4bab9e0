#include "output/summary_replay.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/histogram.h"
#include "base/quantity.h"
#include "result/facts.h"
#include "result/replay.h"

static void say_quantile(const struct histogram *lateness, const char *name, double q,
                         struct buf *out)
{
    const struct histogram_quantile quantile = histogram_quantile(lateness, q);

    if (!quantile.known)
        return;
    buf_printf(out, ", %s ", name);
    quantity_format_latency(out, quantile.value_ns);
}

static void say_lateness(const struct histogram *lateness, struct buf *out)
{
    buf_append_str(out, "; how late");
    say_quantile(lateness, "p50", 0.5, out);
    say_quantile(lateness, "p90", 0.9, out);
    say_quantile(lateness, "p99", 0.99, out);
    buf_append_str(out, ", at most ");
    quantity_format_latency(out, histogram_max_ns(lateness));
}

static void say_count(struct buf *out, uint64_t count, const char *what)
{
    if (count == 0)
        return;
    buf_append_str(out, "; ");
    quantity_format_count(out, count);
    buf_append_str(out, what);
}

bool summary_say_replay(const struct run_facts *facts, struct buf *out,
                        bool *ret_degraded)
{
    const struct replay_facts *trace = &facts->replay;
    struct replay_fidelity fidelity;

    if (!trace->format)
        return false;
    fidelity = replay_fidelity(facts);
    *ret_degraded = fidelity.is_degraded;
    quantity_format_count(out, fidelity.sent);
    buf_append_str(out, " of ");
    quantity_format_count(out, trace->entries_of_worker);
    buf_printf(out, " %s sent (%s)", trace->entries_of_worker == 1 ? "entry" : "entries",
               trace->format);
    say_count(out, fidelity.dropped, " dropped");
    say_count(out, fidelity.unsent, " not sent before the end");
    if (fidelity.sent > 0)
        say_lateness(fidelity.lateness, out);
    if (fidelity.is_degraded)
        buf_append_str(out, ": degraded");
    return true;
}

#include "output/summary_manners.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/quantity.h"
#include "measure/run_view.h"
#include "result/facts.h"

/* "40 requests abandoned", behind what was said before. */
static void say(struct buf *out, uint64_t count, const char *one, const char *many)
{
    if (count == 0)
        return;
    buf_append_str(out, out->len > 0 ? ", " : "");
    quantity_format_count(out, count);
    buf_printf(out, " %s", count == 1 ? one : many);
}

bool summary_say_manners(const struct counters *counters, struct buf *out)
{
    say(out, counters->abandoned, "request abandoned by impatient people",
        "requests abandoned by impatient people");
    say(out, counters->slow_reads, "answer read slowly", "answers read slowly");
    return out->len > 0;
}

bool summary_say_retries(const struct counters *counters, struct buf *out)
{
    struct failure_kind kinds[OUTCOME_COUNT];
    const size_t count = retry_kinds(counters, kinds);

    if (count == 0)
        return false;
    say(out, counters->retries, "request was a retry: after",
        "requests were retries: after");
    for (size_t i = 0; i < count; i++) {
        buf_append_str(out, i > 0 ? ", " : " ");
        quantity_format_count(out, kinds[i].count);
        buf_printf(out, " %s", outcome_name(kinds[i].outcome));
    }
    buf_append_str(out, "; ");
    quantity_format_count(out, counters->operations_failed);
    buf_append_str(out, " of ");
    quantity_format_count(out, counters->operations);
    buf_append_str(out, counters->operations == 1 ? " operation" : " operations");
    buf_append_str(out, " failed in the end");
    return true;
}

bool summary_say_chaos(const struct counters *counters, struct buf *out)
{
    say(out, counters->sabotaged, "connection broken", "connections broken");
    say(out, counters->delayed, "request sent late", "requests sent late");
    if (out->len > 0)
        buf_append_str(out, ", on purpose");
    return out->len > 0;
}

bool summary_say_circuit(const struct run_view *view, size_t index, struct buf *out)
{
    const struct circuit_view *circuit;

    if (index >= view->circuit_count || view->circuits[index].opened == 0)
        return false;
    circuit = &view->circuits[index];
    buf_printf(out, "%s: opened ", circuit->target);
    quantity_format_count(out, circuit->opened);
    buf_append_str(out, circuit->opened == 1 ? " time" : " times");
    buf_append_str(out, " and was open for ");
    quantity_format_duration(out, circuit->open_ns);
    buf_append_str(out, ", ");
    quantity_format_count(out, circuit->not_sent);
    buf_append_str(out, circuit->not_sent == 1 ? " request was" : " requests were");
    buf_printf(out, " not sent; it is %s",
               circuit->is_closed ? "closed again" : circuit->state);
    return true;
}

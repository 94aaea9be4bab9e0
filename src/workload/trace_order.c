/* Entries in order of their times, those that the scenario wants, at the times of the replay. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "workload/trace_reading.h"

/* No load lasts longer. */
#define LONGEST_NS (UINT64_C(720) * 3600 * NS_PER_S)

static int compare(const void *a, const void *b)
{
    const struct trace_row *left = a;
    const struct trace_row *right = b;

    if (left->at_ns != right->at_ns)
        return left->at_ns < right->at_ns ? -1 : 1;
    return (left->line > right->line) - (left->line < right->line);
}

static void sort(struct trace *trace)
{
    uint32_t i = 1;

    while (i < trace->row_count && trace->rows[i - 1].at_ns <= trace->rows[i].at_ns)
        i++;
    if (i < trace->row_count)
        qsort(trace->rows, trace->row_count, sizeof(*trace->rows), compare);
}

/* The first row at or behind a time. */
static uint32_t first_at(const struct trace *trace, uint64_t at_ns)
{
    uint32_t low = 0;
    uint32_t high = trace->row_count;

    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;

        if (trace->rows[middle].at_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint64_t sum_of(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/*
 * How long the replay lasts: as long as was asked for where the trace goes on behind that, else to just
 * behind the last entry, in whole milliseconds.
 */
static double duration_ms(const struct plan_replay *plan, uint64_t span_ns, bool goes_on)
{
    if (goes_on)
        return ceil((double)plan->for_ns * plan->time_scale / NS_PER_MS);
    return floor((double)span_ns * plan->time_scale / NS_PER_MS) + 1;
}

static int refuse(struct trace_reading *reading, bool is_window)
{
    return row_file_refuse(&reading->file, 0,
                           is_window ? "move 'from', or make 'for' longer"
                                     : "a trace needs one entry at least, none of it bad",
                           is_window ? "no entries between 'from' and 'for'"
                                     : "no entries");
}

static int scale(struct trace_reading *reading, uint64_t start_ns, bool goes_on)
{
    struct trace *trace = reading->trace;
    const double time_scale = reading->plan->time_scale;
    const uint64_t span_ns = trace->rows[trace->row_count - 1].at_ns - start_ns;
    const double lasts_ms = duration_ms(reading->plan, span_ns, goes_on);

    if (lasts_ms * NS_PER_MS > (double)LONGEST_NS)
        return row_file_refuse(&reading->file, 0,
                               "write a 'for', a 'limit' or a smaller 'time_scale'",
                               "a replay of more than 30 days");
    for (uint32_t i = 0; i < trace->row_count; i++)
        trace->rows[i].at_ns =
            (uint64_t)((double)(trace->rows[i].at_ns - start_ns) * time_scale);
    trace->facts.duration_ns = (uint64_t)lasts_ms * NS_PER_MS;
    return 0;
}

int trace_arrange(struct trace_reading *reading)
{
    struct trace *trace = reading->trace;
    const struct plan_replay *plan = reading->plan;
    const uint32_t all = trace->row_count;
    uint64_t start_ns;
    uint32_t from;
    uint32_t to;
    bool goes_on;

    if (all == 0)
        return refuse(reading, false);
    sort(trace);
    start_ns = sum_of(trace->rows[0].at_ns, plan->from_ns);
    from = first_at(trace, start_ns);
    to = plan->for_ns > 0 ? first_at(trace, sum_of(start_ns, plan->for_ns)) : all;
    goes_on = to < all;
    if (plan->limit_entries > 0 && to - from > plan->limit_entries) {
        to = from + (uint32_t)plan->limit_entries;
        goes_on = false;
    }
    if (from == to)
        return refuse(reading, true);
    trace->facts.outside = all - (to - from);
    memmove(trace->rows, trace->rows + from, (to - from) * sizeof(*trace->rows));
    trace->row_count = to - from;
    return scale(reading, start_ns, goes_on);
}

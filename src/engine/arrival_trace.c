#include "engine/arrival_trace.h"

#include <errno.h>
#include <stdlib.h>

#include "plan/plan.h"
#include "workload/trace.h"

struct arrival_trace {
    struct arrival_times times;
    const struct trace *trace; /* borrowed */
    uint64_t entries;
    uint64_t next; /* of this worker */
    uint64_t step; /* how many workers there are */
};

static struct arrival_trace *of_times(struct arrival_times *times)
{
    return (struct arrival_trace *)(void *)times;
}

static bool peek(struct arrival_times *times, uint64_t *ret_at_ns, uint64_t *ret_number)
{
    const struct arrival_trace *arrivals = of_times(times);

    if (arrivals->next >= arrivals->entries)
        return false;
    *ret_at_ns = trace_entry_at(arrivals->trace, arrivals->next).at_ns;
    *ret_number = arrivals->next;
    return true;
}

static void take(struct arrival_times *times)
{
    struct arrival_trace *arrivals = of_times(times);

    arrivals->next += arrivals->step;
}

static void free_times(struct arrival_times *times)
{
    free(of_times(times));
}

int arrival_trace_new(const struct plan *plan, const struct trace *trace,
                      struct arrival_times **ret_times)
{
    static const struct arrival_times_ops ops = {
        .peek = peek,
        .take = take,
        .free = free_times,
    };
    struct arrival_trace *arrivals = calloc(1, sizeof(*arrivals));

    if (!arrivals)
        return -ENOMEM;
    arrivals->times.ops = &ops;
    arrivals->trace = trace;
    arrivals->entries = trace_facts(trace).entries;
    arrivals->next = plan->worker_index;
    arrivals->step = plan->worker_count;
    *ret_times = &arrivals->times;
    return 0;
}

#include "result/replay.h"

#include "base/histogram.h"
#include "measure/recorder.h"
#include "result/facts.h"

/* The 99th percentile where there are enough entries to tell it, else the greatest. */
static bool is_late(const struct histogram *lateness)
{
    const struct histogram_quantile p99 = histogram_quantile(lateness, 0.99);

    return p99.known ? p99.value_ns > REPLAY_DEGRADED_NS
                     : histogram_max_ns(lateness) > REPLAY_DEGRADED_NS;
}

struct replay_fidelity replay_fidelity(const struct run_facts *facts)
{
    const struct series_view all = recorder_total(facts->view->recorder, RECORDER_ALL);
    const struct histogram *lateness = all.histograms[METRIC_REPLAY_LATENESS];
    struct replay_fidelity fidelity = {
        .lateness = lateness,
        .sent = lateness ? histogram_count(lateness) : 0,
        .dropped = all.counters->dropped_iterations,
    };
    const uint64_t gone = fidelity.sent + fidelity.dropped;

    fidelity.unsent = facts->replay.entries_of_worker > gone
                          ? facts->replay.entries_of_worker - gone
                          : 0;
    fidelity.is_late = lateness && fidelity.sent > 0 && is_late(lateness);
    fidelity.is_partial =
        fidelity.unsent > 0 && facts->view->stop_reason == STOP_COMPLETED;
    fidelity.is_degraded =
        fidelity.dropped > 0 || fidelity.is_late || fidelity.is_partial;
    return fidelity;
}

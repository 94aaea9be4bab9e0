/*
 * What one sample says about each metric: the rules of DESIGN section 3 ("Metrics", "Censoring")
 * as one pure function. It aggregates nothing.
 *
 * An attempt that ended before a moment is an observation too, a censored one: the moment would
 * have come later than the time waited (sent → end). Leaving it out would make a server that
 * collapses look fast, for its slowest answers would be missing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/metric.h"
#include "measure/sample.h"

struct observation {
    enum metric metric;
    bool censored; /* the truth is above value_ns */
    uint64_t value_ns;
};

/*
 * Writes what follows from an ended attempt, each metric at most once, and returns how many there
 * are. Gaps (icl) and client_delay are recorded while the answer streams and are not among them.
 */
size_t observe_sample(const struct sample *sample,
                      struct observation ret_observations[METRIC_COUNT]);

/* k6's parts of a request (http_req_blocked, …), which are of totals: see metric_info. */
#define OBSERVE_PARTS 6

/*
 * Writes them, all or none, and returns how many there are. What did not happen took no time: they may
 * be 0, and none is censored.
 */
size_t observe_parts(const struct sample *sample,
                     struct observation ret_parts[OBSERVE_PARTS]);

/* What follows from an operation. One that failed or was withdrawn is censored. */
struct observation observe_operation(const struct operation *operation);

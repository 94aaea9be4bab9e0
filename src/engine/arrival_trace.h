/* Arrivals when a trace says: entry n of the trace is arrival n of the load. */
#pragma once

#include "engine/arrival_times.h"

struct trace;

/* Both are borrowed. Returns 0 or -ENOMEM. */
int arrival_trace_new(const struct plan *plan, const struct trace *trace,
                      struct arrival_times **ret_times);

/*
 * The latencies of the run that another is compared with, as they are shown beside those of that one: its
 * summary → the plan.
 */
#pragma once

#include <jansson.h>

struct plan;

/* Takes over those that a summary has. Returns 0 or -ENOMEM. */
int baseline_latencies_fill(const json_t *summary, struct plan *plan);

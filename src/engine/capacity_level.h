/*
 * One level of a search for capacity: what is measured in its hold, and the verdict. It looks at a recorder
 * before and after, and at an excerpt in between; who makes the load is no matter of its.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/capacity.h"
#include "measure/recorder.h"

struct excerpt;
struct plan;

struct level_hold {
    const struct capacity_report *report; /* the SLOs, and the levels before this one */
    const struct plan *plan;
    struct recorder *recorder;
    struct excerpt *excerpt; /* owned, while the hold is looked at */
    uint64_t start_ns;
    uint64_t end_ns;          /* 0: it goes on */
    struct counters at_start; /* of the whole run */
    struct counters at_end;
    double in_flight_start_s; /* integrals of requests in flight, in seconds */
    double in_flight_end_s;
};

/* The hold of a phase begins. Returns 0 or -ENOMEM. */
int level_hold_begin(struct level_hold *hold, const char *phase, uint64_t now_ns);

/* It is over: nothing more is due in it. */
void level_hold_end(struct level_hold *hold, uint64_t now_ns);

/* Judged, and no more looked at. */
void level_hold_close(struct level_hold *hold);

/* Requests of the hold that are not over. */
uint64_t level_hold_pending(const struct level_hold *hold);

/*
 * Fills in the figures and the verdict as of now. pending: how many requests may still turn out either way;
 * error: as threshold_certainty_of(). `held` is what is more likely, where it is not sure.
 */
void level_hold_judge(const struct level_hold *hold, uint64_t now_ns, uint64_t pending,
                      double error, struct capacity_level *level);

/*
 * How a system took more load: the calmest quarter of a run's points beside the busiest, by what the
 * scenario asked for (users, or arrivals a second) and not by what was in flight, which a slow server makes
 * itself. Pure over a summary.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

/* Medians over the points of a quarter. Times in ms, NAN where too few points have them. */
struct load_quarter {
    double load; /* users at work, or arrivals a second */
    double rate; /* requests a second that ended */
    double in_flight;
    double ttft;
    double tpot;
    double e2e;
};

struct load_growth {
    bool is_known; /* the load was at least twice as high in the busy quarter */
    bool is_open;
    struct load_quarter calm;
    struct load_quarter busy;
};

struct load_growth load_growth_of(const json_t *summary);

/* Whether throughput followed the load by less than three quarters of its growth. */
bool load_growth_is_saturated(const struct load_growth *growth);

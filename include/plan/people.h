/*
 * How people take what they get: they lose patience, read slowly, try again; and what is broken on
 * purpose. All of it shows in the results as what it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_pause_kind {
    PLAN_PAUSE_NONE,
    PLAN_PAUSE_CONSTANT,
    PLAN_PAUSE_UNIFORM,     /* base ± variance as half-width */
    PLAN_PAUSE_GAUSSIAN,    /* variance is the standard deviation */
    PLAN_PAUSE_EXPONENTIAL, /* mean base; variance unused */
    PLAN_PAUSE_LOGNORMAL, /* mean base, standard deviation variance, of the value itself */
};

/* A pause to draw: values outside [min, max] are drawn again. */
struct plan_pause {
    enum plan_pause_kind kind;
    uint64_t base_ns;
    uint64_t variance_ns;
    uint64_t min_ns;
    uint64_t max_ns; /* UINT64_MAX: no limit */
};

/* Whether and how a failed attempt is followed by another. */
struct plan_retry {
    uint32_t attempts; /* in all, at least 1 */
    /*
     * Before attempt n+1 a time drawn evenly from [0, min(max, base × 2^(n−1))] passes: full jitter
     * (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
     */
    uint64_t base_ns;
    uint64_t max_ns;
    bool honour_retry_after;     /* Retry-After takes the place of the drawn time, … */
    uint64_t max_retry_after_ns; /* … cut to this */
    uint64_t outcomes; /* a bit (1 << enum outcome) for each kind that is tried again */
    const uint16_t *statuses; /* tried again beside those, whatever kind they are */
    size_t status_count;
};

/* How a person loses patience: then they cancel, and the outcome is `abandoned`. */
struct plan_patience {
    struct plan_pause
        first_token; /* waited for the first output (or any body); NONE: for ever */
    struct plan_pause total; /* waited for the end; NONE: for ever */
    double mid_stream;       /* share of the answers left while they stream, 0 to 1 */
    uint32_t chunks_min;     /* …after so many output chunks, drawn evenly */
    uint32_t chunks_max;
    bool leaves; /* the rest of the iteration goes too; else the next step follows */
};

/* How fast a person's client takes what comes; 0: as it comes. */
struct plan_reading {
    uint64_t bytes_per_s;
};

/* Faults on purpose, drawn for each attempt; such an attempt's outcome is `sabotaged`. */
struct plan_chaos {
    double drop;  /* share whose connection is closed (FIN) while it waits or streams */
    double reset; /* share whose connection is reset (RST) likewise */
    double late;  /* share that is sent later than it should be, … */
    struct plan_pause
        late_by;             /* … by this: no failure, and no lateness of throng's own */
    struct plan_pause after; /* how long after sending a drop or reset comes */
};

/*
 * Per target: when too many requests fail, none are sent for a while, then a few to see. What is not
 * sent is a failed operation of outcome `circuit_open`.
 */
struct plan_breaker {
    bool on;
    double above;       /* share of failed attempts … */
    uint64_t over_ns;   /* … over this time … */
    uint64_t min_count; /* … of at least so many */
    uint64_t open_ns;   /* how long nothing is sent */
    uint32_t
        probes; /* attempts that must succeed one after the other to close it, at least 1 */
};

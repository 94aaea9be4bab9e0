/*
 * Anomalies: stretches of a run in which it did not go as it had gone just before under the same load.
 * Intervals in, a few findings out; it reads no clock, changes nothing of the run, and does the same little
 * work for each interval however long the run is (some 0.1 ms; 300 KiB in all).
 *
 * Each signal is compared with its own recent past: the last five seconds against the minute before them,
 * of which at least 15 seconds must be known, and of latencies three times their 95th percentile. The past is
 * that of one level of load: where the scenario itself changes it by more than a twentieth (a ramp, a spike, a
 * pause, a person who moves the users), or is read again while it runs, it begins anew three seconds later. So
 * the load's own doing is never an anomaly. Within a spike, and in a search for capacity, which overload on
 * purpose, nothing is looked at; of a replay, whose trace may burst as it likes, only errors are.
 *
 *   latency_spike    ttft, icl and e2e: at least a quarter of what was observed took longer than the past's
 *                    95th percentile, twice its median and its median and 20 ms. Of icl it is a quarter of
 *                    the time that streams took, since who stands still shows few gaps, and long ones. Of
 *                    e2e only where answers are as long, and as many of them stream, as before.
 *   error_burst      at least 1 of 20 requests failed, five or more, and three times the past's share
 *   throughput_drop  at most half as many requests ended as usual, fewer than in any stretch of the past,
 *                    and not because answers became longer
 *
 * All must be beyond chance: the binomial, or for counts the Poisson, distribution gives it less than one
 * in a million. Of gaps streams count, since those of one stream are alike. What was seen while throng itself
 * stood still is left out: that is no anomaly of the server.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct anomaly_watch;
struct buf;
struct interval_view;
struct run_view;

enum anomaly_kind {
    ANOMALY_LATENCY_SPIKE,
    ANOMALY_ERROR_BURST,
    ANOMALY_THROUGHPUT_DROP,
    ANOMALY_KINDS,
};

/* Snake-case name for results and labels: "latency_spike". */
const char *anomaly_kind_name(enum anomaly_kind kind);

/* What is watched; each has at most one anomaly at a time. */
enum anomaly_signal {
    ANOMALY_TTFT,
    ANOMALY_ICL,
    ANOMALY_E2E,
    ANOMALY_ERROR_RATE,
    ANOMALY_THROUGHPUT,
    ANOMALY_SIGNALS,
};

/* Its name and kind: "ttft", … "error_rate", "requests_per_second". */
const char *anomaly_signal_name(enum anomaly_signal signal);
enum anomaly_kind anomaly_signal_kind(enum anomaly_signal signal);

/* How one is over. */
enum anomaly_end {
    ANOMALY_GOES_ON,
    ANOMALY_PASSED,
    ANOMALY_STAYED, /* for ANOMALY_LONGEST_NS: what is new counts as usual from then on */
    ANOMALY_CUT_SHORT, /* the load changed, or the run was over */
};

struct anomaly {
    enum anomaly_signal signal;
    enum anomaly_end end;
    uint64_t start_ns; /* since the run's start: when what it is about was seen */
    uint64_t end_ns;   /* likewise; so far, while it goes on */
    /*
     * At its worst, and before it: the p95 of ttft and e2e, of icl the gap in which, or in longer ones, half
     * of the streams' time went by (both in ms, within a twentieth); a share; requests a second.
     */
    double value;
    double expected;
    double
        share; /* of spikes: of what was observed, or of the time, at its worst: longer than before */
};

#define ANOMALY_LONGEST_NS UINT64_C(60000000000)

/* Those that are over and are kept; later ones are counted alone. */
#define ANOMALIES_MAX 64

/* What there is so far. Ended ones never move or change, so that another thread may read them. */
struct anomaly_view {
    const struct anomaly *ended; /* in the order in which they ended */
    size_t ended_count;
    struct anomaly active[ANOMALY_SIGNALS]; /* those that go on */
    size_t active_count;
    uint64_t begun[ANOMALY_KINDS]; /* so far, kept or not */
};

/* Hears when one begins, and when it is over. */
typedef void anomaly_fn(void *ctx, const struct anomaly *anomaly);

/* fn may be NULL. Returns 0 or -ENOMEM. */
int anomaly_watch_new(anomaly_fn *fn, void *ctx, struct anomaly_watch **ret_watch);
/* NULL is allowed. Returns NULL. */
struct anomaly_watch *anomaly_watch_free(struct anomaly_watch *watch);

/* Looks at an interval of a run. Allocates nothing. */
void anomaly_watch_add(struct anomaly_watch *watch, const struct run_view *view,
                       const struct interval_view *interval);

/* The run is over: so is what went on. */
void anomaly_watch_end(struct anomaly_watch *watch);

/* As it stands: the ended are the watch's own, the rest is a copy. */
struct anomaly_view anomaly_watch_view(const struct anomaly_watch *watch);

/* "", or why it is over though it did not pass: ", since the load changed", ", since it stayed: …". */
const char *anomaly_end_text(enum anomaly_end end);

/* "ttft p95 4.9 s, before 310 ms (82% took longer than nearly all before)": what it was, without when. */
void anomaly_say(const struct anomaly *anomaly, struct buf *out);

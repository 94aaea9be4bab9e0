/*
 * The facts of a finished run: all that a summary is made of. Gathered by the one who wired the
 * run; borrowed by those who tell of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/anomaly.h"
#include "measure/run_view.h"
#include "measure/sample.h"
#include "result/timeline.h"
#include "result/verdict.h"
#include "result/worker_points.h"

struct ab_report;
struct buf;
struct capacity_report;
struct cpu_loss;
struct hlog;
struct kernel_counters;
struct plan;
struct roster;
struct run_mark;
struct tenancy;
struct threshold_judgement;
struct trust;

/* What was told of a failure, printable; longer is cut. */
struct failure_example {
    char text[240];
};

/* So many reloads are told one by one. */
#define RELOAD_NOTES 32

/* The run went on with another plan. */
struct reload_note {
    uint64_t at_ns; /* monotonic */
    char said[480]; /* what changed: "load.0.users: 4 → 8"; longer is cut */
};

/* One of the workers that made the load. */
struct worker_note {
    uint32_t index;
    uint64_t started_wall_ns;
    const char *version; /* of throng */
};

/* A replay: what its trace holds, and what of it was left out when it was read. */
struct replay_facts {
    const char *format;         /* "mooncake"; NULL: the load is no replay */
    uint64_t entries;           /* of all workers */
    uint64_t entries_of_worker; /* of this one: those that it was to send */
    uint64_t requests;          /* of all entries; the others are lengths */
    uint64_t bad;
    uint64_t failed;
    uint64_t elsewhere;
    uint64_t outside;
};

struct run_facts {
    const char *run_id;
    const char *version; /* of throng */
    const char *scenario_path;
    const char *fingerprint; /* hex, or "" where it was not computed */
    uint64_t started_wall_ns;
    uint64_t ended_wall_ns;
    uint64_t window_start_ns; /* monotonic; the measured window */
    uint64_t window_end_ns;
    const struct run_view *view; /* plan, recorder, stop reason, times */
    const struct verdicts *verdicts;
    /* What was told of the first failure of each kind, by outcome; "" where nothing was. */
    const struct failure_example *failure_examples;
    const struct threshold_judgement *thresholds; /* as many as the plan has */
    const struct reload_note *reloads;
    size_t reload_count;
    const struct run_mark *marks; /* in their order; NULL: there are none */
    size_t mark_count;
    const struct capacity_report *capacity; /* what a search found; NULL: it was none */
    const struct ab_report *ab; /* what its arms differ in; NULL: none, or it goes on */
    struct timeline_view timeline;
    struct worker_points_view points; /* of one of several workers, for worker.bin */
    /* Who made the load; NULL: the one worker of the plan. worker_total: so many were to be. */
    const struct worker_note *workers;
    size_t worker_count;
    uint32_t worker_total;
    const struct trust *trust; /* how far all this can be trusted, and why no further */
    struct anomaly_view anomalies; /* what was unlike the run's own past */
    const struct tenancy
        *tenancy;            /* what was made at the platform; NULL: there is none */
    const struct hlog *hlog; /* intervals of histograms.hlog; NULL: none */
    bool insecure;           /* TLS was not verified */
    uint64_t rows_skipped;   /* bad rows of files of data that were left out */
    struct replay_facts replay;
    const struct roster *roster;          /* as whom users acted; NULL: as themselves */
    const struct kernel_counters *kernel; /* over the run; NULL: it does not say */

    /* What the client spent and saw. */
    const struct cpu_loss *cpu_loss; /* over the run; NULL: not looked for */
    double cpu_user_s;
    double cpu_system_s;
    uint64_t max_rss_bytes;
    uint64_t connections_opened;
    uint64_t connections_peak;
    uint64_t reads;
    uint64_t unstamped_reads;
    uint64_t clock_steps;
    uint64_t samples_dropped; /* not written to samples.bin */
    uint64_t chunks_dropped;  /* likewise, of those that --record-chunks asked for */
};

/* A stretch of the run, in monotonic ns. Empty (both equal) where it was not reached. */
struct run_span {
    uint64_t start_ns;
    uint64_t end_ns;
};

/* The load as it was: from the start to its end, the waiting for what was in flight left out. */
struct run_span run_facts_load(const struct run_facts *facts);

/* The measured window as it was: cut where the load ended early. */
struct run_span run_facts_window(const struct run_facts *facts);

/* A phase as it was. */
struct run_span run_facts_phase(const struct run_facts *facts, size_t phase);

/*
 * Appends what a user is called: by the platform, with "/ORDINAL" where several act as the same; else
 * "user-ORDINAL".
 */
void run_facts_user(const struct run_facts *facts, uint64_t ordinal, struct buf *out);

/* Their organization; "" where they have none. Borrowed. */
const char *run_facts_organization(const struct run_facts *facts, uint64_t ordinal);

/* How long it is, in seconds. */
double run_span_s(struct run_span span);

/* A kind of failure with its count. */
struct failure_kind {
    enum outcome outcome;
    uint64_t count;
};

/* The kinds that occurred, most frequent first. Returns how many there are. */
size_t failure_kinds(const struct counters *counters,
                     struct failure_kind ret_kinds[OUTCOME_COUNT]);

/* Likewise of what was tried again: how the attempts before ended. */
size_t retry_kinds(const struct counters *counters,
                   struct failure_kind ret_kinds[OUTCOME_COUNT]);

/* Failed requests over those that ended by themselves (the withdrawn did not); NAN where none did. */
double failure_rate(const struct counters *counters);

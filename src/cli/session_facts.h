/*
 * What a session saw of its run beside what the recorder holds, and how the facts of the run are
 * made of both.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/cpu_supply.h"
#include "measure/run_mark.h"
#include "measure/run_view.h"
#include "measure/trust.h"
#include "net/curl_transport.h"
#include "net/kernel_counters.h"
#include "result/facts.h"

struct ab_report;
struct anomaly_watch;
struct hlog;
struct plan;
struct session_options;
struct roster;
struct tenancy;
struct threshold_judgement;
struct timeline;
struct verdicts;
struct worker_points;

struct session_evidence {
    struct ab_report *ab; /* owned: once the run is over; NULL: it compares nothing */
    const struct session_options *options; /* borrowed, like all that is pointed to */
    const struct recorder *recorder;
    const struct timeline *timeline;
    const struct hlog *hlog;
    const struct worker_points *points; /* NULL: it is the only worker */
    const struct anomaly_watch *anomalies;
    struct threshold_judgement
        *judgements;             /* owned: as many as the plan has thresholds */
    struct reload_note *reloads; /* owned: RELOAD_NOTES of them, once there is any */
    size_t reload_count;
    struct run_marks marks;
    struct run_view view; /* as of the end */
    struct trust trust;   /* as of the last session_judge_trust() */
    struct cpu_supply cpu_supply;
    struct cpu_loss cpu_loss_before;   /* the run */
    struct cpu_loss cpu_loss;          /* since then, as of the last judgement */
    struct curl_transport_stats stats; /* as of the end */
    struct kernel_counters kernel;     /* at the start; then over the run */
    bool kernel_known;
    const struct tenancy *tenancy; /* NULL: there is no platform */
    const struct roster *roster;   /* as whom users act; NULL: as themselves */
    uint64_t started_wall_ns;
    uint64_t samples_dropped;
    uint64_t chunks_dropped;
    int samples_error;
    struct failure_example examples[OUTCOME_COUNT]; /* of the first of each kind */
};

/* Makes room for the thresholds of a plan. Returns 0 or -ENOMEM. */
int session_reserve_judgements(struct session_evidence *evidence,
                               const struct plan *plan);

/* The run goes on with another plan; said: what changed. */
void session_note_reload(struct session_evidence *evidence, uint64_t now_ns,
                         const char *said);

/* Releases what it owns. */
void session_evidence_deinit(struct session_evidence *evidence);

/* Remembers the first failure of each kind. */
void session_note_failure(struct session_evidence *evidence, const struct sample *sample,
                          const char *detail);

/* The run begins: what the kernel counted until now is none of its. */
void session_note_start(struct session_evidence *evidence);

/* Judges how far the run can be trusted so far. Takes well below a millisecond. */
void session_judge_trust(struct session_evidence *evidence, const struct run_view *view);

/*
 * The facts of a run that goes on, without thresholds and verdicts. Cheap: it judges nothing; trust is
 * that of the last second. They point into the evidence and to the view.
 */
struct run_facts session_facts_so_far(const struct session_evidence *evidence,
                                      const struct run_view *view);

/*
 * The facts of a run that is over: judges the thresholds and asks what the process spent. They
 * point into the evidence.
 */
struct run_facts session_facts_of(struct session_evidence *evidence,
                                  const struct verdicts *verdicts);

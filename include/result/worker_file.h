/*
 * worker.bin: what one of several workers of a run found, whole and exact, for throng merge: its recorder with what was
 * censored, its points over time, and what it knows of itself. A worker writes it at its end, and with each checkpoint; who
 * reads it adds it to what other workers found. doc/results.md has its form. Only the version of throng that wrote it reads
 * it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/trust.h"
#include "result/facts.h"
#include "result/worker_names.h"
#include "result/worker_notes.h"

struct buf;
struct merged_points;
struct recorder;

#define WORKER_FILE "worker.bin"

/* Who the worker was. Texts are owned. */
struct worker_head {
    char *version; /* of throng */
    char *run_id;
    char *scenario_path;
    char *fingerprint;
    uint32_t index;
    uint32_t of; /* workers in all */
    uint64_t started_wall_ns;
    uint64_t ended_wall_ns;
    uint64_t lasted_ns;   /* from its start to its end, as is the next */
    uint64_t load_end_ns; /* nothing new was started since */
    bool is_over;         /* false: this is a checkpoint */
    enum stop_reason stop_reason;
    struct trust trust;
    struct verdicts verdicts;
    struct worker_notes notes;
};

/* Circuit breakers that are added up, at most. */
#define WORKER_CIRCUITS 64

/* What all workers had together. Texts are owned. All zero: none yet. */
struct worker_totals {
    uint64_t arrivals;
    uint64_t taken;
    uint64_t dropped;
    uint64_t people;
    int64_t spent_pusd;
    int64_t reserved_pusd;
    uint64_t limit_attempts;
    uint64_t limit_failed;
    uint64_t unset_uses;
    char *unset_name; /* the first of them; NULL: none */
    uint64_t setups_failed;
    uint64_t users_retired;
    uint64_t insecure; /* workers that did not verify TLS */
    uint64_t rows_skipped;
    char *replay_format; /* of the trace; NULL or "": the load is no replay */
    struct replay_facts replay;
    double cpu_user_s;
    double cpu_system_s;
    uint64_t max_rss_bytes;
    uint64_t connections_opened;
    uint64_t connections_peak;
    uint64_t reads;
    uint64_t unstamped_reads;
    uint64_t clock_steps;
    uint64_t samples_dropped;
    uint64_t throttled_ns;
    uint64_t throttled_known; /* workers that knew */
    uint64_t wait_ns;
    uint64_t wait_known;
    char *circuit_names[WORKER_CIRCUITS];
    struct circuit_view circuits[WORKER_CIRCUITS];
    size_t circuit_count;
    struct failure_example examples[OUTCOME_COUNT]; /* the first of each kind */
    struct worker_names names;                      /* where a platform names users */
};

/* Appends the file of a worker. Returns buf_error or -ENOMEM. */
int worker_file_write(const struct run_facts *facts, struct buf *out);

/* Reads whose it is. Returns 0; -EBADMSG: it is damaged, or none; -ENOMEM. To be released in each case. */
int worker_file_head(const void *bytes, size_t len, struct worker_head *ret_head);
void worker_head_deinit(struct worker_head *head);

/*
 * Adds the file of a worker to the others. now_ns: of the recorder (measure/recorder_archive.h). Returns 0; -EBADMSG;
 * -ENOMEM: then part of it was added.
 */
int worker_file_add(const void *bytes, size_t len, struct recorder *recorder,
                    uint64_t now_ns, struct merged_points *points,
                    struct worker_totals *totals);
void worker_totals_deinit(struct worker_totals *totals);

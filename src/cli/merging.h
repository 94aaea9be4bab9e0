/*
 * Merging: the folders that the workers of one run left → one recorder, one timeline and the facts of the whole, as if one
 * worker had made all of the load. Counters, histograms and users add up exactly (measure/recorder_archive.h); thresholds are
 * judged anew.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "cli/merged_notes.h"
#include "measure/run_view.h"
#include "measure/trust.h"
#include "result/facts.h"
#include "result/run_files.h"
#include "result/worker_file.h"

struct ab_report;
struct hlog;
struct merged_points;
struct plan;
struct recorder;
struct threshold_judgement;
struct timeline;

/* One worker with its folder. */
struct merging_worker {
    struct run_files files;
    char *bytes; /* of its worker.bin, owned */
    size_t len;
    struct worker_head head;
};

/* All zero but loop: nothing yet. */
struct merging {
    uv_loop_t *loop; /* borrowed */
    struct merging_worker
        *workers; /* owned, in the order of their indexes once they were checked */
    size_t count;
    struct plan *plan; /* as if there was one worker */
    struct recorder *recorder;
    struct merged_points *points;
    struct timeline *timeline;
    struct hlog *hlog;
    struct worker_totals totals;
    struct worker_note *notes;
    struct merged_notes done; /* what was done to the load */
    struct threshold_judgement *judgements;
    struct trust trust;
    struct ab_report *ab; /* NULL: the run has no arms */
    struct cpu_loss *cpu_loss;
    struct run_view view;
    char *run_id;
};

/*
 * Opens a folder as one worker more. Returns 0; -EINVAL with a sentence on standard error: it cannot be read, or is not
 * that of one of several workers; -ENOMEM.
 */
int merging_open(struct merging *merging, const char *results, const char *name);

/*
 * Whether all are workers of one run: of one workload, version and number of workers, each of them once. Returns 0; -EINVAL
 * with a sentence on standard error.
 */
int merging_check(struct merging *merging);

/*
 * Adds them up. Returns 0 with the facts, which point into it, and with what speaks against the run in verdicts; -EINVAL with
 * a sentence on standard error; -ENOMEM.
 */
int merging_add(struct merging *merging, struct verdicts *verdicts,
                struct run_facts *ret_facts);

/* Releases all. */
void merging_deinit(struct merging *merging);

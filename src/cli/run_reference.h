/*
 * A run as people name it on the command line → its summary and histograms: whatever opens as files
 * (result/run_files.h), the name of a baseline, or the id of a run that the history has.
 */
#pragma once

#include "result/run_files.h"

struct buf;

/* Where runs are looked for. */
struct run_places {
    const char *results;
    char history[4096]; /* a place (result/history.h), or "none" */
};

/*
 * What the command line says (--out, --history), each NULL where it does not; then the environment holds
 * (THRONG_OUT, THRONG_HISTORY), and then results and its history.db. Returns 0 or -ENAMETOOLONG.
 */
int run_places_init(struct run_places *places, const char *out, const char *history);

/*
 * Opens a run. scenario: whose baselines are meant; NULL: a name has to be that of one alone. name NULL: the
 * newest run of the results. Returns 0; -EINVAL: there is none such, or it is none; -EIO: the history cannot be
 * asked; -ENOMEM. reterr gets a sentence that says what to do, without a command's name.
 */
int run_reference_open(const struct run_places *places, const char *name,
                       const char *scenario, struct run_files *ret_run,
                       struct buf *reterr);

/*
 * Opens the baseline named default of a scenario. Returns 0; -ENOENT: there is none, without a sentence; -EIO
 * as above; -ENOMEM.
 */
int run_reference_default(const struct run_places *places, const char *scenario,
                          struct run_files *ret_run, struct buf *reterr);

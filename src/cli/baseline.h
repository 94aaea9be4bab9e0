/*
 * Baselines: the results of an earlier run → what the thresholds of a plan are compared with. A value is
 * the one that the same threshold had then; else that of the summary under the metric's name, of all or of
 * the one label that the selector names.
 */
#pragma once

struct buf;
struct plan;
struct run_places;

/*
 * Fills in the thresholds of a plan that compare with a baseline, and its latencies, which are shown beside the
 * run's own. name: a run (cli/run_reference.h), or the
 * name of a baseline of the plan's scenario; "none": there is none yet; NULL: that named default, where the
 * history has one. Returns 0; -ENOMEM; -EINVAL with what is wrong: there is none such; -EIO: the history cannot
 * be asked.
 */
int baseline_fill(const struct run_places *places, const char *name, struct plan *plan,
                  struct buf *reterr_why);

/* Warns of thresholds that will fail since no baseline was given, or does not have their value. */
void baseline_warn(const struct plan *plan);

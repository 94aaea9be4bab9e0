/*
 * Baselines: the results of an earlier run → what the thresholds of a plan are compared with. A value is
 * the one that the same threshold had then; else that of the summary under the metric's name, of all or of
 * the one label that the selector names.
 */
#pragma once

struct buf;
struct plan;

/*
 * Fills in the thresholds of a plan that compare with a baseline. path: a results folder or its
 * summary.json; "none": there is none yet; NULL: none was given. reterr_why may be NULL. Returns 0;
 * -ENOMEM; -EINVAL with what is wrong: the file cannot be read, or is no summary.
 */
int baseline_fill(const char *path, struct plan *plan, struct buf *reterr_why);

/* Warns of thresholds that will fail since no baseline was given, or does not have their value. */
void baseline_warn(const struct plan *plan);

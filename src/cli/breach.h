/*
 * Breaches: what a run broke, a limit or a threshold, → one sentence with its name, its value and
 * what it should have been. The same sentence is logged when it happens and stands in the verdict.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct plan_threshold;
struct recorder;
struct run_view;
struct threshold_judgement;

/*
 * "ttft{model:m} should satisfy p(95)<500ms: 812 ms." Of checks also which of them failed most.
 */
void breach_of_threshold(const struct run_view *view,
                         const struct plan_threshold *threshold,
                         const struct threshold_judgement *judgement, struct buf *out);

/* "limits.error_rate: 60 of 100 requests …". Returns false where no limit ended the run. */
bool breach_of_limit(const struct run_view *view, struct buf *out);

/*
 * Judges the thresholds with abort_on_fail that may end the run by now. Returns the first that has
 * data and does not hold, with its judgement, or NULL.
 */
const struct plan_threshold *breach_find(const struct run_view *view,
                                         struct threshold_judgement *ret_judgement);

/* Logs a threshold that ended the run, at error. */
void breach_log_threshold(const struct run_view *view,
                          const struct plan_threshold *threshold,
                          const struct threshold_judgement *judgement);

/* Logs the limit that ended the run, if one did: at error, but a normal end is a warning. */
void breach_log_limit(const struct run_view *view);

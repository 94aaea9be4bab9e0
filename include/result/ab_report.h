/*
 * What an A/B comparison within a run (plan/ab.h) found: each arm against the one it is compared with, figure by figure,
 * and whether chance explains the difference. Both sides of a pair of stretches were at the same time and asked the
 * same, so that they are drawn together (measure/contrast.h); p is adjusted over all figures of all arms (Holm).
 *
 * Within one run nothing else differs between the arms: a difference that is sure counts from 1% on. One that is not
 * shown counts as none where the interval rules out 5%, as between runs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "result/difference.h"

struct ab_report;
struct buf;
struct plan;
struct recorder;

/* A smaller one is no regression and no improvement, however sure it is. */
#define AB_LIMIT 0.01

/* A figure of an arm against the base's; the figure's selector is "arm=NAME". */
struct ab_difference {
    struct difference difference;
    const char *arm; /* borrowed from the plan */
    double limit;    /* that it is judged by */
    enum difference_verdict verdict;
};

/*
 * Of a run that is over (recorder_end_arms). ret_report: NULL where the run compares nothing. Returns 0 or -ENOMEM.
 * The plan is borrowed for its life.
 */
int ab_report_new(const struct recorder *recorder, const struct plan *plan,
                  struct ab_report **ret_report);
/* NULL is allowed. Returns NULL. */
struct ab_report *ab_report_free(struct ab_report *report);

/* The name of the arm that the others are compared with. */
const char *ab_report_base(const struct ab_report *report);

/* Arm by arm in the plan's order, figures in that of the table. NULL from the end on, and of a report that is NULL. */
const struct ab_difference *ab_report_at(const struct ab_report *report, size_t index);

/*
 * Appends the difference in words: "candidate is 12% slower than current at ttft p95 (8% to 16%, p<0.001)"; or that
 * none is shown, or that there is too little data.
 */
void ab_report_say(const struct ab_report *report, const struct ab_difference *difference,
                   struct buf *out);

/* Appends what came of an arm in one sentence: all that is sure, or that nothing is. */
void ab_report_say_arm(const struct ab_report *report, const char *arm, struct buf *out);

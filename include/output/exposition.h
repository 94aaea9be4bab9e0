/*
 * The exposition: a run as it stands → text that Prometheus reads (text exposition format 0.0.4).
 * One table of families says each name, type, unit, label and meaning; the text, the page
 * doc/prometheus.md and whoever checks dashboards have them from there.
 *
 * Taking the figures is copying memory, for the loop; making the text is for another thread. Each
 * who shows the text has an exposition of its own, so that one does not wait for the other.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct exposition;
struct interval_view;
struct plan;
struct run_view;

/* What became of pushes so far. */
struct push_counts {
    uint64_t ok;
    uint64_t failed;
    uint64_t skipped; /* due while one was under way, or cut short by the end */
};

/* All is borrowed for the exposition's life. */
struct exposition_options {
    const struct plan *plan;
    const char *test_run;   /* the run's id */
    const char *worker_pod; /* who of several workers this is */
    const char *version;
    const char *fingerprint;
};

/* Returns 0 or -ENOMEM. */
int exposition_new(const struct exposition_options *options,
                   struct exposition **ret_exposition);
/* NULL is allowed. Returns NULL. */
struct exposition *exposition_free(struct exposition *exposition);

/* Who counts pushes, NULL: nobody; read when figures are taken. */
void exposition_set_pushes(struct exposition *exposition,
                           const struct push_counts *pushes);

/* Adds an interval to what no counter can tell: quantiles, and the scenario's own metrics. */
void exposition_add(struct exposition *exposition, const struct interval_view *interval);

/*
 * Takes the figures of now. Not while text is made of the ones before. Label values are borrowed
 * from the view's recorder until exposition_write() has made text of them.
 * Returns 0 or -ENOMEM.
 */
int exposition_take(struct exposition *exposition, const struct run_view *view);

/*
 * Appends the text of what was taken; may be called from any thread. with_run: each sample has
 * the labels test_run and worker_pod, which the grouping key of a push has instead.
 * Returns buf_error.
 */
int exposition_write(const struct exposition *exposition, bool with_run, struct buf *out);

/* Appends the table of families as Markdown. Returns buf_error. */
int exposition_reference(struct buf *out);

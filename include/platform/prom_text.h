/*
 * Prometheus' text: what a server writes at /metrics → its samples, one after the other. It takes the
 * text exposition format 0.0.4 and what OpenMetrics 1.0 has beside it (`# EOF`, exemplars, times in
 * seconds). Strict as Prometheus is: one line that is wrong makes all of it wrong. Nothing is allocated,
 * and no text makes it work for longer than its length takes. Pure.
 * Sources: prometheus.io/docs/instrumenting/exposition_formats, "Text-based format"; OpenMetrics 1.0,
 * section "Text format".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Labels of a sample, and bytes of a line, at most. */
#define PROM_MAX_LABELS 64
#define PROM_MAX_LINE_BYTES ((size_t)64 * 1024)

/* Bytes of the text, which are not NUL-terminated. */
struct prom_slice {
    const char *at;
    size_t len;
};

struct prom_label {
    struct prom_slice name;
    struct prom_slice value; /* as written: with \\, \" and \n */
};

struct prom_sample {
    struct prom_slice name;
    struct prom_label labels[PROM_MAX_LABELS];
    size_t label_count;
    double value; /* may be NAN, INFINITY or −INFINITY */
};

/* Hears of each sample; it and all in it are borrowed until it returns. */
typedef void prom_sample_fn(void *ctx, const struct prom_sample *sample);

/* What is wrong with a text. */
struct prom_problem {
    size_t line;      /* from 1 */
    const char *what; /* static: "a label without its value" */
};

/*
 * Reads a whole text. Returns 0; -EINVAL, with the first thing that is wrong: by then the samples before
 * it were told of.
 */
int prom_text_read(const char *text, size_t len, prom_sample_fn *on_sample, void *ctx,
                   struct prom_problem *reterr_problem);

/* Whether a slice is a text. */
bool prom_slice_is(struct prom_slice slice, const char *text);

/* The value of a label, as written; {NULL, 0} where there is no such. */
struct prom_slice prom_sample_label(const struct prom_sample *sample, const char *name);

/*
 * A comparison: two runs → what differs between them and whether that is more than chance, as one versioned document
 * (schema "throng.comparison/1", doc/compare.md). It changes neither.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct buf;
struct run_files;

#define COMPARISON_SCHEMA "throng.comparison/1"

struct comparison_options {
    double fail_above; /* it fails above this: 0.2; NAN: it does not fail */
};

/*
 * Compares `new` with `base`. A file that is damaged costs intervals, and a note tells so. The document is the caller's
 * (json_decref). Returns 0 or -ENOMEM.
 */
int comparison_build(const struct run_files *base, const struct run_files *new,
                     const struct comparison_options *options, json_t **ret_comparison);

/* Whether something became worse by more than fail_above. */
bool comparison_failed(const json_t *comparison);

/* Writes a document as text. Returns buf_error or -ENOMEM. */
int comparison_write(const json_t *comparison, struct buf *out);

/* The JSON Schema of the document (draft 2020-12), as text. Returns buf_error. */
int comparison_schema(struct buf *out);

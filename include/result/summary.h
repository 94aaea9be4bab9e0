/*
 * summary.json: the result of a run as one versioned document (schema "throng.summary/1",
 * doc/results.md). Reports, comparisons, history and the fleet's merge work on it alone.
 */
#pragma once

#include <jansson.h>

struct buf;
struct run_facts;
struct verdicts;

#define SUMMARY_SCHEMA "throng.summary/1"

/* Builds the document; the caller's (json_decref). Returns 0 or -ENOMEM. */
int summary_build(const struct run_facts *facts, json_t **ret_summary);

/*
 * Says anew what speaks against the run: verdicts[] and run.exit_code. Returns 0 or -ENOMEM, and then
 * the document is as it was.
 */
int summary_set_verdicts(json_t *summary, const struct verdicts *verdicts);

/* Writes a document as text, as it stands in summary.json. Returns buf_error or -ENOMEM. */
int summary_write(const json_t *summary, struct buf *out);

/* The JSON Schema of the document (draft 2020-12), as text. Returns buf_error. */
int summary_schema(struct buf *out);

/*
 * What speaks against comparing two runs, in sentences: other work, another load, little trust.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct json_tree;

/* Whether both asked for the same: the same scenario, and fingerprints that are known and equal. */
bool comparison_is_same_workload(const json_t *base, const json_t *new);

/* Appends a text for each, of two summaries. */
void comparison_put_notes(struct json_tree *tree, json_t *notes, const json_t *base,
                          const json_t *new);

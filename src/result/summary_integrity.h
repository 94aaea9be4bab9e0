/*
 * The summary's part on what was wrong with answers, whether or not they ended well. Over the whole
 * run: what goes wrong in warm-up goes wrong.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* integrity{…}, into the summary. */
void summary_put_integrity(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts);

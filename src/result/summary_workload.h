/*
 * The summary's part on what was asked beside how it went: the files that it was taken from, and how
 * near its lengths came.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* workload{…}, into the summary. Over the whole run. */
void summary_put_workload(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts);

/*
 * The summary's part on a search for capacity: what was found, and each level.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* Puts `capacity`, where the run was a search. */
void summary_put_capacity(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts);

/*
 * The summary's part on money: what was spent, by whom, and what it bought. Over the whole run, since
 * warm-up is billed too.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* cost{…}, into the summary; null where no model has a price. */
void summary_put_cost(struct json_tree *tree, json_t *summary,
                      const struct run_facts *facts);

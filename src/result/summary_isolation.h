/* The part of the summary on whether organizations that have budgets were kept apart. */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* Puts `isolation` into the summary; null where no organization has a budget. */
void summary_put_isolation(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts);

/*
 * The summary's part about conversations: how prompts grow from turn to turn.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* conversations{…}, into the summary. */
void summary_put_conversations(struct json_tree *tree, json_t *summary,
                               const struct run_facts *facts);

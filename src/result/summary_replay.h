/* The part `replay` of a summary: what was sent of a trace, and how late; null where there is none. */
#pragma once

#include "result/json_tree.h"

struct run_facts;

void summary_put_replay(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

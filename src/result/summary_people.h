/*
 * The parts of the summary on how people took it: what they tried again, and when clients held back.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/*
 * Puts `retries` (by how the attempt before ended, most frequent first) and `circuits` (of the targets
 * that have a breaker) into the summary.
 */
void summary_put_people(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

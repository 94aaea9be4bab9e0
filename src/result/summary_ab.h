/* The part of the summary on the arms of an A/B comparison within the run, and the members that it has. */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* Puts `ab` into the summary; null where the run compares nothing. */
void summary_put_ab(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts);

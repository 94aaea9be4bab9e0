/*
 * The summary's part on the load generator itself: what it spent, how late it was, and what it
 * could not measure exactly. A reader decides by it how far the other figures can be trusted.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* client{…}, into the summary. */
void summary_put_client(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

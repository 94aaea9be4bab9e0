/*
 * The summary's part on the network below the requests: connections, peers, what TCP says of them,
 * and what the kernel counted meanwhile. Over the whole run.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* network{…}, into the summary. */
void summary_put_network(struct json_tree *tree, json_t *summary,
                         const struct run_facts *facts);

/*
 * The summary's anomalies: what was unlike the run's own past, in the order in which it began.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

void summary_put_anomalies(struct json_tree *tree, json_t *summary,
                           const struct run_facts *facts);

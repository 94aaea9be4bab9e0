/*
 * The summary's part about spikes: the figures before, during and after each, and how long it took
 * to recover (measure/spike.h).
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* spikes[…], into the summary. */
void summary_put_spikes(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

/*
 * The summary's part on the platform: what it took to make the run's tenants and to remove them, and what
 * is left of them.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* platform{…} into the summary, or null. */
void summary_put_platform(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts);

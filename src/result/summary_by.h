/*
 * The summary's parts by dimension: `by.<key>.<value>`. Each phase is a window of its own, so by.phase covers the whole run; all other dimensions
 * cover the measured window.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* by{…}, into the summary. */
void summary_put_by(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts);

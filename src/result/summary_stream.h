/*
 * The summary's part on how streams arrived: tokens per chunk, chunks per read, and whether somebody
 * holds them back. Over the whole run.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* stream{…}, into the summary. */
void summary_put_stream(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts);

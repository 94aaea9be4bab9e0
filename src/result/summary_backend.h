/*
 * The summary's part about the servers behind the target: their own figures over the measured window, over
 * time, and Little's law between them and the client.
 */
#pragma once

#include "result/json_tree.h"

struct run_facts;

/* backend{…}, into the summary. */
void summary_put_backend(struct json_tree *tree, json_t *summary,
                         const struct run_facts *facts);

/*
 * scenario.yaml of a run: the tree that was loaded, with what the options made of it → YAML that makes
 * the same workload, and holds no key.
 */
#pragma once

#include "config/load.h"

struct buf;
struct plan;
struct scenario_options;

/*
 * Puts into the tree what the options changed in the plan, and appends it. The plan is that of the
 * tree. Returns 0; -EINVAL with an error added; -ENOMEM; buf_error.
 */
int resolved_write(struct config_tree *tree, const struct scenario_options *options,
                   const struct plan *plan, struct diag_list *reterr_diags,
                   struct buf *out);

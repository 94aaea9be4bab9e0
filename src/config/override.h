/*
 * KEY=VALUE from the command line → a tree in which the value stands at the key's path.
 */
#pragma once

#include "config/load.h"

/*
 * Applies one override to root, in place of which *ret_root is put.
 * Returns 0; -EINVAL with an error added, named after the option; -ENOMEM.
 */
int override_apply(struct config_tree *tree, const char *override,
                   struct diag_list *reterr_diags, const struct config_node **ret_root);

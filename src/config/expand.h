/*
 * Expansion of ${NAME}, ${NAME:-default} and $$ in one value. What a variable holds is put in as
 * it is: neither expanded again nor read as YAML.
 */
#pragma once

#include "config/load.h"

/*
 * Expands node->text of a scalar that belongs to the tree; node->written stays.
 * Returns 0; -EINVAL when a variable is missing or a ${ is malformed, all of which were added;
 * -ENOMEM.
 */
int expand_scalar(struct config_tree *tree, const struct config_options *options,
                  struct config_node *node, struct diag_list *reterr_diags);

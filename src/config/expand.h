/*
 * Expansion of ${NAME}, ${NAME:-default} and $$ in one value. What a variable holds is put in as
 * it is: neither expanded again nor read as YAML.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/load.h"

/*
 * Expands node->text of a scalar that belongs to the tree; node->written stays.
 * Returns 0; -EINVAL when a variable is missing or a ${ is malformed, all of which were added;
 * -ENOMEM.
 */
int expand_scalar(struct config_tree *tree, const struct config_options *options,
                  struct config_node *node, struct diag_list *reterr_diags);

/*
 * The length of NAME where a text is ${NAME}, with or without a default, and nothing else; 0 where it
 * is not. ret_has_default, ret_has_empty_default: about it.
 */
size_t expand_single_name(const char *written, bool *ret_has_default,
                          bool *ret_has_empty_default);

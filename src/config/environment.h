/*
 * Environments: the same file for several places. `environments:` has a map for each of them, and the one
 * that is asked for is laid over the rest. Pure.
 */
#pragma once

#include "config/node.h"

#define ENVIRONMENTS_KEY "environments"
#define ENVIRONMENT_KEY "env" /* which one, where nobody asks for one */

/* Puts another map under ENVIRONMENTS_KEY of the root. Returns 0 or -ENOMEM. */
int environment_replace(struct config_tree *tree, const struct config_node *environments,
                        const struct config_node **root);

/*
 * Lays the environment over the root. wanted: its name, NULL: the one under ENVIRONMENT_KEY, and none
 * without that. Returns 0; -EINVAL with an error added where there is none of that name; -ENOMEM.
 */
int environment_apply(struct config_tree *tree, const char *wanted,
                      struct diag_list *reterr_diags, const struct config_node **root);

/*
 * Secrets out of a configuration: from a text (as a rule ${NAME}) or from a file. What they hold
 * is never quoted in a message.
 */
#pragma once

#include "config/field.h"

/* Each returns 0, and *(const struct secret **)member belongs to the tree; -EINVAL with an error
 * added; -ENOMEM. */

/* From a scalar that is not empty. */
int credential_from_text(struct config_tree *tree, const struct field *field,
                         const struct config_node *node, void *member,
                         struct diag_list *reterr_diags);

/* From {file: path}; line breaks at the file's end are left out. */
int credential_from_file(struct config_tree *tree, const struct field *field,
                         const struct config_node *node, void *member,
                         struct diag_list *reterr_diags);

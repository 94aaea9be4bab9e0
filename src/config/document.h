/*
 * One YAML text → nodes of a tree. Knows libyaml; knows neither files nor includes.
 */
#pragma once

#include "config/load.h"

/*
 * Reads a text that holds one document. name: what messages call it; must live as long as the
 * tree. An empty text is CONFIG_NULL. expand: whether ${…} is expanded.
 * Returns 0; -EINVAL with errors added, and *ret_root is written where reading could go on all the
 * same; -ENOMEM.
 */
int document_read(struct config_tree *tree, const struct config_options *options,
                  bool expand, const char *name, const char *text, size_t len,
                  struct diag_list *reterr_diags, const struct config_node **ret_root);

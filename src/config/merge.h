/*
 * Maps over maps: `<<` merge keys, and the deep merge by which includes (and whatever else lays one
 * file over another) are put together. Nothing is changed: what differs is made anew.
 */
#pragma once

#include "config/node.h"

/* Whether a key is an unquoted <<. */
bool merge_is_merge_key(const struct config_node *key);

/*
 * Replaces the << of a map by the keys of the map, or list of maps, that it stands for: the map's
 * own keys win, then the earlier of the list.
 * Returns 0; -EINVAL with an error added, and the << is left out; -ENOMEM.
 */
int merge_keys(struct config_tree *tree, const struct config_node **node,
               struct diag_list *reterr_diags);

/*
 * Lays `over` on `base`: where both are maps, key by key; else `over` is the result.
 * Keys keep the order of base; new ones follow. Returns 0 or -ENOMEM.
 */
int merge_over(struct config_tree *tree, const struct config_node *base,
               const struct config_node *over, const struct config_node **ret_node);

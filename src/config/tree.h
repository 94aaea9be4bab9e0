/*
 * The memory of a tree of nodes, and how nodes are made. Pieces live and die together; they are
 * wiped at the end, since any of them may hold a key from the environment.
 */
#pragma once

#include <stddef.h>

#include "config/node.h"

struct secret;

/* Returns 0 or -ENOMEM. */
int tree_new(struct config_tree **ret_tree);

void tree_set_root(struct config_tree *tree, const struct config_node *root);

/* count zeroed elements of size bytes, aligned for any type; NULL when memory is out. */
void *tree_alloc(struct config_tree *tree, size_t count, size_t size);

/* A NUL-terminated copy; NULL when memory is out. */
char *tree_copy(struct config_tree *tree, const char *text, size_t len);

/* Takes ownership. Returns 0; -ENOMEM, and the secret was freed. */
int tree_own_secret(struct config_tree *tree, struct secret *secret);

/* Nodes; NULL when memory is out. What is pointed at must belong to the tree. */
struct config_node *tree_scalar(struct config_tree *tree, struct diag_place place,
                                const char *text);
const struct config_node *tree_list(struct config_tree *tree, struct diag_place place,
                                    const struct config_node *const *items, size_t count);
struct config_node *tree_map(struct config_tree *tree, struct diag_place place,
                             const struct config_entry *entries, size_t count);

/*
 * A tree of nodes → YAML that loads to the same: includes, merge keys, overrides and ${…} put in. No
 * key goes into it:
 *
 *   a secret that came from one variable     ${NAME}
 *   {file: path}                             the path, absolute
 *   any other secret, a password in a URL    ***, with a comment
 *   what came from the environment into a    as the file has it: ${NAME}
 *   header, a body, a query, or from a
 *   variable whose name tells of a key
 *   a header or token of templates           as the file has it: "Bearer {{ vars.token }}"
 *   a file's path                            absolute
 */
#pragma once

#include <stdbool.h>

#include "config/field.h"

/*
 * Appends the tree, of which table is the root's. is_public: whether the value under a key of guarded
 * pairs holds no secret. `include`,
 * `environments` and `env` at the root are left out: what they named is in the tree. Values from
 * another file or an option have that as a comment. Returns 0; -ENOMEM; buf_error.
 */
int config_write_yaml(struct config_tree *tree, const struct field_table *table,
                      bool (*is_public)(const char *key), struct buf *out);

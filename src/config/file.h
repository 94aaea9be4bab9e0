/*
 * Files that a configuration names: found beside the file that names them, read in one piece.
 */
#pragma once

#include <stddef.h>

#include "config/node.h"

/*
 * Reads a file of at most max_bytes. ret_text is the caller's (free()), NUL-terminated.
 * Returns 0; -EFBIG when it is larger; -ENOMEM; -errno of opening or reading.
 */
int file_read(const char *path, size_t max_bytes, char **ret_text, size_t *ret_len);

/* The path as seen from the file `beside`, in the tree's memory; NULL when memory is out. */
const char *file_beside(struct config_tree *tree, const char *beside, const char *path);

/* What an error of file_read means: "No such file or directory". */
const char *file_error(int error);

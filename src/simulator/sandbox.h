/*
 * The files that one MCP session sees: a handful that all sessions begin with, and those that it
 * wrote, in memory and bounded. Paths lead nowhere else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct sandbox;

enum sandbox_result {
    SANDBOX_OK,
    SANDBOX_VIOLATION, /* the path leads out of the sandbox */
    SANDBOX_MISSING,   /* there is no such file */
    SANDBOX_FULL       /* too many files, or too large a one, or no memory */
};

/* NULL: no memory. */
struct sandbox *sandbox_new(void);

/* NULL is allowed. Returns NULL. */
struct sandbox *sandbox_free(struct sandbox *sandbox);

/* Finds a file's text, borrowed until the next write. */
enum sandbox_result sandbox_read(const struct sandbox *sandbox, const char *path,
                                 const char **ret_text);

/* Writes a file, or writes it anew. */
enum sandbox_result sandbox_write(struct sandbox *sandbox, const char *path,
                                  const char *text);

/* The path of the index-th file that was written, NULL behind the last. ret_is_new: no session begins with it. */
const char *sandbox_written(const struct sandbox *sandbox, size_t index,
                            bool *ret_is_new);

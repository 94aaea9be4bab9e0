/*
 * The results folder of a run: files appear in it whole or not at all.
 */
#pragma once

#include <stddef.h>

struct result_folder;

/*
 * Makes DIR/RUN_ID (and DIR); a RUN_ID that is there already gets "-2", "-3", …; the folder is
 * made 0700, since files in it may hold prompts. Returns 0 or -errno.
 */
int result_folder_new(const char *dir, const char *run_id,
                      struct result_folder **ret_folder);
struct result_folder *result_folder_free(struct result_folder *folder);

/* The path, borrowed. */
const char *result_folder_path(const struct result_folder *folder);

/* Writes a file atomically (temporary name, fsync, rename, fsync of the folder), mode 0600. */
int result_folder_write(struct result_folder *folder, const char *name, const void *bytes,
                        size_t len);

/* The path of a file in the folder into `path`. Returns 0 or -ENAMETOOLONG. */
int result_folder_path_of(const struct result_folder *folder, const char *name,
                          char *path, size_t size);

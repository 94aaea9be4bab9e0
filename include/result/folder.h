/*
 * The results folder of a run: files appear in it whole or not at all.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

struct result_folder;

/*
 * Makes DIR/RUN_ID (and DIR); a RUN_ID that is there already gets "-2", "-3", …; the folder is
 * made 0700, since files in it may hold prompts. It is locked until it is freed or the process ends,
 * however that happens. Returns 0 or -errno.
 */
int result_folder_new(const char *dir, const char *run_id,
                      struct result_folder **ret_folder);

/* Opens a folder that a run left, to add to it. Returns 0; -EBUSY: the run still goes on; -errno. */
int result_folder_open(const char *path, struct result_folder **ret_folder);

/* Removes what a run that was killed had not finished writing. */
void result_folder_sweep(struct result_folder *folder);
struct result_folder *result_folder_free(struct result_folder *folder);

/* The path, borrowed. */
const char *result_folder_path(const struct result_folder *folder);

/* Writes a file atomically (temporary name, fsync, rename, fsync of the folder), mode 0600. */
int result_folder_write(struct result_folder *folder, const char *name, const void *bytes,
                        size_t len);

/*
 * The same for a file that is written piece by piece: begins it under its temporary name. Returns 0
 * with a stream that result_folder_finish() takes; -errno.
 */
int result_folder_begin(struct result_folder *folder, const char *name, FILE **ret_file);

/*
 * Ends it. error: 0; else it was not written in full, and is removed. Returns 0; error; -errno, and it
 * is removed too.
 */
int result_folder_finish(struct result_folder *folder, const char *name, FILE *file,
                         int error);

/* Removes a file; one that is not there is no error. Returns 0 or -errno. */
int result_folder_remove(struct result_folder *folder, const char *name);

/* The path of a file in the folder into `path`. Returns 0 or -ENAMETOOLONG. */
int result_folder_path_of(const struct result_folder *folder, const char *name,
                          char *path, size_t size);

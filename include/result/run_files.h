/*
 * A run as people name it → the files that it left: its summary, and the folder of all others. What
 * reports, merges, compares and keeps runs begins here.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "result/hlog.h"

struct buf;

/* Empty at first: {0}. */
struct run_files {
    json_t *summary;  /* checked to be one */
    char *folder;     /* NULL: the summary stands alone */
    char *histograms; /* lines of a histograms.hlog that came with it; NULL: none did */
};

/*
 * Opens a run. name: a results folder, a summary.json, a baseline file (result/baseline_file.h), or
 * the id of a run whose folder lies in `results`; NULL: the run in `results` whose summary was written last. Returns 0; -EINVAL with what is wrong and
 * what to do, without the name of the command: there is none, or it is none; -ENOMEM.
 */
int run_files_open(const char *results, const char *name, struct run_files *ret_files,
                   struct buf *reterr_why);

/* Releases what it holds; it is empty again. */
void run_files_close(struct run_files *files);

/* The path of a file of the folder. Returns 0; -ENOENT: it is not there; -ENAMETOOLONG. */
int run_files_path(const struct run_files *files, const char *name, char *path,
                   size_t size);

/*
 * Calls back for each histogram of the run, as hlog_each(), and returns likewise; -ENOENT: there are
 * none.
 */
int run_files_each_histogram(const struct run_files *files, hlog_line_fn *fn, void *ctx);

/* Appends all of a file. Returns 0; -errno; what the buffer says, such as -EMSGSIZE: it is larger. */
int run_files_read(const char *path, struct buf *out);

/* The id of the run. Borrowed; "" where the summary has none. */
const char *run_files_id(const struct run_files *files);

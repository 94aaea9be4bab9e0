/*
 * A baseline as a file to commit, schema "throng.baseline/1": what of a run others are compared with, small
 * enough for a repository. It is a summary without what no comparison reads, and histograms.
 */
#pragma once

#include <jansson.h>

struct buf;
struct run_files;

#define BASELINE_SCHEMA "throng.baseline/1"

/*
 * Appends the file: a member "summary", in which points of the timeline have counts alone, and
 * "histograms", lines of histograms.hlog (doc/results.md) of the main latencies, intervals merged to few. name: that of the baseline,
 * such as "v1.2". Returns buf_error; -ENOMEM; -EBADMSG: histograms.hlog is damaged; -errno.
 */
int baseline_file_write(const struct run_files *run, const char *name, struct buf *out);

/*
 * Takes a document of that schema apart into a run without a folder. Returns 0; -EINVAL: it lacks a part;
 * -ENOMEM.
 */
int baseline_file_read(const json_t *document, struct run_files *ret_run);

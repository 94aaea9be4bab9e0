/*
 * The path of a group of metrics in a Pushgateway: its grouping key as parts of a URL.
 */
#pragma once

#include <stddef.h>

struct buf;

struct push_label {
    const char *name;
    const char *value;
};

/*
 * Appends "/metrics/job/throng/test_run/…". Values that a path cannot hold as they are stand in
 * base64, as its README tells ("name@base64"). The first label is the job. Returns buf_error.
 */
int push_path_append(struct buf *out, const struct push_label *labels, size_t count);

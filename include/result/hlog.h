/*
 * histograms.hlog: what the histograms of a run hold as a HdrHistogram log (format 1.3), for the
 * tools of that project: totals, values of dimensions, and the main latencies over time.
 *
 * Intervals are gathered while the run goes on. They are encoded on libuv's threadpool, since one
 * takes up to a millisecond; where the pool is behind, the interval that is open becomes longer, so
 * that nothing waits and nothing is lost. Censored observations have no place in the format.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/histogram.h"

struct buf;
struct hlog;
struct interval_view;
struct plan;
struct run_facts;

/*
 * started_ns: monotonic moment of the run's start. What is encoded keeps the loop alive until it
 * is done. Returns 0 or -ENOMEM.
 */
int hlog_new(uv_loop_t *loop, const struct plan *plan, uint64_t started_ns,
             struct hlog **ret_hlog);
/* Not while it is busy; NULL is allowed. Returns NULL. */
struct hlog *hlog_free(struct hlog *hlog);

/* Adds what happened in an interval of the recorder. Encodes and allocates nothing by itself. */
void hlog_add(struct hlog *hlog, const struct interval_view *interval);

/* Whether the pool encodes an interval: the loop has to go on until it does not. */
bool hlog_is_busy(const struct hlog *hlog);

/*
 * Appends the whole file, once nothing is busy; facts->hlog may be NULL: no intervals. Returns
 * buf_error or -ENOMEM.
 */
int hlog_write(const struct run_facts *facts, struct buf *out);

/*
 * Reads what the measured window of a file has of a metric, of one model or (NULL) of all: calls back
 * for each bucket. Returns 0; -ENODATA: the file has nothing of it; -EBADMSG; -ENOMEM; -errno.
 */
int hlog_read(const char *path, const char *metric, const char *model,
              histogram_span_fn *fn, void *ctx);

/* What a line of a file is about. */
enum hlog_kind {
    HLOG_WINDOW,   /* the measured window */
    HLOG_RUN,      /* the whole run */
    HLOG_INTERVAL, /* a stretch of it */
};

/* All is borrowed until the callback returns. */
struct hlog_line {
    const char *metric;
    enum hlog_kind kind;
    const char *key;   /* of a dimension: "model"; NULL: of all */
    const char *value; /* of it */
    double start_s;    /* since the run's start */
    double length_s;
    const char *encoded; /* for histogram_decode_each() */
};

/* Returns 0 to go on. */
typedef int hlog_line_fn(void *ctx, const struct hlog_line *line);

/*
 * Calls back for each histogram of a file, in its order. Returns 0; what the callback returned else; -EBADMSG;
 * -ENOMEM; -errno.
 */
int hlog_each(const char *path, hlog_line_fn *fn, void *ctx);

/* The same for the lines of such a file that are held in memory. */
int hlog_each_of(const char *lines, hlog_line_fn *fn, void *ctx);

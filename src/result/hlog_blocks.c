#include "result/hlog_blocks.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"
#include "result/run_files.h"

#define METRICS_MAX 16
#define NAME_BYTES 64

/* The intervals of a metric, and the block that is open. */
struct course {
    char metric[NAME_BYTES];
    size_t count;   /* intervals in all */
    size_t at_once; /* of them in a block */
    size_t taken;   /* in the open one */
    double start_s;
    double end_s;
    struct histogram *sum; /* of several; NULL: there is none yet */
};

struct blocks {
    struct course courses[METRICS_MAX];
    size_t count;
    hlog_line_fn *fn;
    void *ctx;
};

/* Its course, made where it is not there; NULL: there is no room, and it is told as it is. */
static struct course *course_of(struct blocks *blocks, const char *metric)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (strcmp(blocks->courses[i].metric, metric) == 0)
            return &blocks->courses[i];
    if (blocks->count == METRICS_MAX || strlen(metric) >= NAME_BYTES)
        return NULL;
    memcpy(blocks->courses[blocks->count].metric, metric, strlen(metric) + 1);
    return &blocks->courses[blocks->count++];
}

static int count_interval(void *ctx, const struct hlog_line *line)
{
    struct course *course =
        line->kind == HLOG_INTERVAL ? course_of(ctx, line->metric) : NULL;

    if (course)
        course->count++;
    return 0;
}

/* Tells the open block of a course, if there is one. */
static int tell(struct blocks *blocks, struct course *course)
{
    char *encoded = NULL;
    int r;

    if (!course->sum)
        return 0;
    r = histogram_encode(course->sum, &encoded);
    if (r == 0) {
        const struct hlog_line line = {.metric = course->metric,
                                       .kind = HLOG_INTERVAL,
                                       .start_s = course->start_s,
                                       .length_s = course->end_s - course->start_s,
                                       .encoded = encoded};

        r = blocks->fn(blocks->ctx, &line);
    }
    free(encoded);
    course->sum = histogram_free(course->sum);
    course->taken = 0;
    return r;
}

static int take(struct blocks *blocks, struct course *course,
                const struct hlog_line *line)
{
    struct histogram *histogram = NULL;
    int r = histogram_decode(line->encoded, &histogram);

    if (r < 0)
        return r;
    course->end_s = line->start_s + line->length_s;
    if (!course->sum) {
        course->start_s = line->start_s;
        course->sum = histogram;
    } else {
        r = histogram_merge(course->sum, histogram);
        histogram_free(histogram);
    }
    if (r == 0 && ++course->taken == course->at_once)
        r = tell(blocks, course);
    return r == -EINVAL ? -EBADMSG : r; /* they were of several digits */
}

static int pass_on(void *ctx, const struct hlog_line *line)
{
    struct blocks *blocks = ctx;
    struct course *course =
        line->kind == HLOG_INTERVAL ? course_of(blocks, line->metric) : NULL;

    if (!course || course->at_once == 1)
        return blocks->fn(blocks->ctx, line);
    return take(blocks, course, line);
}

int hlog_blocks_each(const struct run_files *run, size_t most, hlog_line_fn *fn,
                     void *ctx)
{
    struct blocks blocks = {.fn = fn, .ctx = ctx};
    int r = run_files_each_histogram(run, count_interval, &blocks);

    assert(most > 0);
    for (size_t i = 0; i < blocks.count; i++)
        blocks.courses[i].at_once = (blocks.courses[i].count + most - 1) / most;
    if (r == 0)
        r = run_files_each_histogram(run, pass_on, &blocks);
    for (size_t i = 0; i < blocks.count; i++) {
        if (r == 0)
            r = tell(&blocks, &blocks.courses[i]);
        blocks.courses[i].sum = histogram_free(blocks.courses[i].sum);
    }
    return r;
}

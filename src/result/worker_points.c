#include "result/worker_points.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/archive.h"
#include "base/buf.h"
#include "base/clock.h"
#include "plan/plan.h"
#include "result/worker_point.h"

/* As many as a timeline has at most. */
#define MAX_POINTS 1200
#define MAX_POINT_BYTES ((size_t)1 << 20)

struct worker_points {
    const struct plan *plan;
    uint64_t started_ns;
    uint64_t step_ns;
    struct worker_point open;
    bool is_open;
    size_t count;
    struct buf closed[MAX_POINTS];
};

int worker_points_new(const struct plan *plan, uint64_t started_ns, uint64_t step_ns,
                      struct worker_points **ret_points)
{
    struct worker_points *points = calloc(1, sizeof(*points));

    if (!points)
        return -ENOMEM;
    points->plan = plan;
    points->started_ns = started_ns;
    points->step_ns = step_ns;
    *ret_points = points;
    return 0;
}

struct worker_points *worker_points_free(struct worker_points *points)
{
    if (!points)
        return NULL;
    for (size_t i = 0; i < points->count; i++)
        buf_deinit(&points->closed[i]);
    worker_point_deinit(&points->open);
    free(points);
    return NULL;
}

static void close_point(struct worker_points *points)
{
    struct buf bytes = BUF_INIT(MAX_POINT_BYTES);
    struct archive archive = archive_writer(&bytes);

    points->is_open = false;
    if (points->count == MAX_POINTS)
        return;
    worker_point_archive(&archive, &points->open);
    if (archive_error(&archive) < 0) {
        buf_deinit(&bytes);
        return;
    }
    points->closed[points->count++] = bytes;
}

void worker_points_add(struct worker_points *points, const struct interval_view *interval)
{
    const uint64_t length_ns = interval->end_ns - interval->start_ns;

    if (!points)
        return;
    if (!points->is_open) {
        worker_point_reset(&points->open);
        points->open.start_ns = interval->start_ns - points->started_ns;
        points->is_open = true;
    }
    worker_point_add(&points->open, interval, points->started_ns,
                     points->plan->metric_count);
    /* As the timeline closes its points. */
    if (points->open.end_ns - points->open.start_ns + length_ns / 2 >= points->step_ns)
        close_point(points);
}

void worker_points_end(struct worker_points *points)
{
    if (points && points->is_open && points->open.end_ns > points->open.start_ns)
        close_point(points);
}

struct worker_points_view worker_points_view(const struct worker_points *points)
{
    return points ? (struct worker_points_view){points->closed, points->count}
                  : (struct worker_points_view){0};
}

void worker_points_write(struct archive *archive, struct worker_points_view view)
{
    archive_number(archive, view.count);
    for (size_t i = 0; i < view.count; i++)
        buf_append(archive->out, view.points[i].bytes, view.points[i].len);
}

struct merged_points {
    uint64_t step_ns;
    struct worker_point each[MAX_POINTS];
};

int merged_points_new(uint64_t step_ns, struct merged_points **ret_points)
{
    struct merged_points *points = calloc(1, sizeof(*points));

    if (!points)
        return -ENOMEM;
    points->step_ns = step_ns;
    *ret_points = points;
    return 0;
}

struct merged_points *merged_points_free(struct merged_points *points)
{
    for (size_t i = 0; points && i < MAX_POINTS; i++)
        worker_point_deinit(&points->each[i]);
    free(points);
    return NULL;
}

void merged_points_read(struct archive *archive, struct merged_points *points)
{
    const uint64_t count = archive_number_below(archive, 0, MAX_POINTS + 1);

    for (uint64_t i = 0; i < count && archive_error(archive) == 0; i++) {
        struct archive ahead = *archive;
        const uint64_t start_ns = archive_number(&ahead, 0);
        /* Points begin a little late: which one it is says the nearest beginning. */
        const uint64_t at = (start_ns + points->step_ns / 2) / points->step_ns;

        worker_point_archive(archive,
                             &points->each[at < MAX_POINTS ? at : MAX_POINTS - 1]);
    }
}

static void tell(const struct worker_point *point, uint64_t started_ns, uint64_t start_ns,
                 uint64_t end_ns, merged_point_fn *fn, void *ctx)
{
    const struct histogram *histograms[METRIC_COUNT] = {NULL};
    const double seconds = (double)(point->end_ns - point->start_ns) / (double)NS_PER_S;
    const struct interval_view view = {
        .start_ns = started_ns + start_ns,
        .end_ns = started_ns + end_ns,
        .total = {.counters = &point->counters,
                  .histograms = histograms,
                  .customs = point->customs.each},
        .users = point->users,
        .mean_active_users = seconds > 0 ? point->active_s / seconds : 0,
        .mean_in_flight = seconds > 0 ? point->in_flight_s / seconds : 0,
    };

    for (size_t i = 0; i < WORKER_POINT_METRICS; i++)
        histograms[worker_point_metric(i)] = point->histograms[i];
    fn(ctx, &view);
}

void merged_points_each(const struct merged_points *points, uint64_t started_ns,
                        merged_point_fn *fn, void *ctx)
{
    uint64_t end_ns = 0;

    for (size_t i = 0; i < MAX_POINTS; i++) {
        const struct worker_point *point = &points->each[i];
        /* Where one worker's point ends a little later than that of another begins. */
        const uint64_t start_ns = point->start_ns > end_ns ? point->start_ns : end_ns;

        if (point->end_ns == 0)
            continue;
        /* What ended before that is not lost for it. */
        end_ns = point->end_ns > start_ns ? point->end_ns : start_ns + NS_PER_MS;
        tell(point, started_ns, start_ns, end_ns, fn, ctx);
    }
}

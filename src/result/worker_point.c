#include "result/worker_point.h"

#include <assert.h>

#include "base/archive.h"
#include "base/clock.h"
#include "base/histogram_archive.h"
#include "measure/counters_archive.h"

enum metric worker_point_metric(size_t index)
{
    static const enum metric kept[WORKER_POINT_METRICS] = {
        METRIC_TTFT, METRIC_ICL,          METRIC_TPOT,
        METRIC_E2E,  METRIC_SCHEDULE_LAG, METRIC_LOOP_LAG};

    assert(index < WORKER_POINT_METRICS);
    return kept[index];
}

void worker_point_deinit(struct worker_point *point)
{
    for (size_t i = 0; i < WORKER_POINT_METRICS; i++)
        histogram_free(point->histograms[i]);
    customs_deinit(&point->customs);
    *point = (struct worker_point){0};
}

void worker_point_reset(struct worker_point *point)
{
    for (size_t i = 0; i < WORKER_POINT_METRICS; i++)
        if (point->histograms[i])
            histogram_reset(point->histograms[i]);
    customs_reset(&point->customs);
    point->counters = (struct counters){0};
    point->active_s = point->in_flight_s = 0;
}

static void merge(struct histogram **into, const struct histogram *from)
{
    if (from && (*into || histogram_new(HISTOGRAM_COARSE, into) == 0))
        (void)histogram_merge(*into, from);
}

void worker_point_add(struct worker_point *point, const struct interval_view *interval,
                      uint64_t started_ns, size_t metric_count)
{
    const double seconds =
        (double)(interval->end_ns - interval->start_ns) / (double)NS_PER_S;

    point->end_ns = interval->end_ns - started_ns;
    point->users = interval->users;
    point->active_s += interval->mean_active_users * seconds;
    point->in_flight_s += interval->mean_in_flight * seconds;
    counters_add(&point->counters, interval->total.counters);
    if (interval->total.customs)
        (void)customs_merge(&point->customs, interval->total.customs, metric_count,
                            HISTOGRAM_COARSE);
    for (size_t i = 0; i < WORKER_POINT_METRICS; i++)
        merge(&point->histograms[i], interval->total.histograms[worker_point_metric(i)]);
}

void worker_point_archive(struct archive *archive, struct worker_point *point)
{
    const uint64_t start_ns = archive_number(archive, point->start_ns);

    if (point->end_ns == 0 || start_ns < point->start_ns)
        point->start_ns = start_ns;
    archive_greatest(archive, &point->end_ns);
    archive_sum(archive, &point->users.wanted);
    archive_sum(archive, &point->users.active);
    archive_sum(archive, &point->users.leaving);
    archive_sum_double(archive, &point->active_s);
    archive_sum_double(archive, &point->in_flight_s);
    counters_archive(archive, &point->counters);
    customs_archive(archive, &point->customs, HISTOGRAM_COARSE);
    for (size_t i = 0; i < WORKER_POINT_METRICS; i++)
        histogram_archive(archive, HISTOGRAM_COARSE, &point->histograms[i]);
}

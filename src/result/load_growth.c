#include "result/load_growth.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "result/summary_reading.h"

#define MOST_POINTS 1200 /* a timeline has no more */
#define LEAST_POINTS 3   /* of a quarter */
#define LEAST_GROWTH 2.0
#define FOLLOWED 0.75

struct point {
    struct load_quarter figures;
};

static int less_load_first(const void *a, const void *b)
{
    const double one = ((const struct point *)a)->figures.load;
    const double other = ((const struct point *)b)->figures.load;

    return one < other ? -1 : one > other;
}

static int less_first(const void *a, const void *b)
{
    const double one = *(const double *)a;
    const double other = *(const double *)b;

    return one < other ? -1 : one > other;
}

static size_t read_points(const json_t *summary, bool is_open, struct point *points)
{
    const json_t *list = summary_at(summary, "timeline/points");
    size_t count = 0;

    for (size_t i = 0; i < json_array_size(list) && count < MOST_POINTS; i++) {
        const json_t *from = json_array_get(list, i);
        const double seconds =
            summary_number(from, "end_s") - summary_number(from, "start_s");
        const double requests = summary_number(from, "requests");
        const double load = is_open ? summary_number(from, "arrivals") / seconds
                                    : summary_number(from, "users_active");

        /* What is refused is quick, and says nothing of how long work takes. */
        if (!(seconds > 0) || !(load > 0) || !(requests > 0) ||
            summary_number(from, "failed") > requests / 5)
            continue;
        points[count++].figures = (struct load_quarter){
            .load = load,
            .rate = requests / seconds,
            .in_flight = summary_number(from, "in_flight"),
            .ttft = summary_number(from, "ttft_p50"),
            .tpot = summary_number(from, "tpot_p50"),
            .e2e = summary_number(from, "e2e_p50"),
        };
    }
    return count;
}

/* The median of one figure over points, without those that lack it. */
static double median_of(const struct point *points, size_t count, size_t offset)
{
    double values[MOST_POINTS];
    size_t known = 0;

    for (size_t i = 0; i < count; i++) {
        double value;

        memcpy(&value, (const char *)&points[i].figures + offset, sizeof(value));
        if (isfinite(value))
            values[known++] = value;
    }
    if (known < LEAST_POINTS)
        return (double)NAN;
    qsort(values, known, sizeof(values[0]), less_first);
    return values[known / 2];
}

#define MEDIAN(points, count, member)                                                    \
    median_of(points, count, offsetof(struct load_quarter, member))

static struct load_quarter quarter_of(const struct point *points, size_t count)
{
    return (struct load_quarter){
        .load = MEDIAN(points, count, load),
        .rate = MEDIAN(points, count, rate),
        .in_flight = MEDIAN(points, count, in_flight),
        .ttft = MEDIAN(points, count, ttft),
        .tpot = MEDIAN(points, count, tpot),
        .e2e = MEDIAN(points, count, e2e),
    };
}

struct load_growth load_growth_of(const json_t *summary)
{
    struct load_growth growth = {
        .is_open = json_is_object(summary_at(summary, "workload/arrivals"))};
    struct point points[MOST_POINTS];
    const size_t count = read_points(summary, growth.is_open, points);
    const size_t quarter = count / 4;

    if (quarter < LEAST_POINTS)
        return growth;
    qsort(points, count, sizeof(points[0]), less_load_first);
    growth.calm = quarter_of(points, quarter);
    growth.busy = quarter_of(points + count - quarter, quarter);
    growth.is_known = growth.busy.load >= LEAST_GROWTH * growth.calm.load;
    return growth;
}

bool load_growth_is_saturated(const struct load_growth *growth)
{
    return growth->is_known && growth->busy.rate / growth->calm.rate <
                                   FOLLOWED * growth->busy.load / growth->calm.load;
}

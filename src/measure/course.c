#include "measure/course.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/histogram.h"

#define LEAST_MS 0.25

double course_bucket_ms(size_t bucket)
{
    return LEAST_MS * exp2(((double)bucket - 0.5) / COURSE_PER_OCTAVE);
}

size_t course_bucket_of(double ms)
{
    const double at = ms > LEAST_MS ? ceil(log2(ms / LEAST_MS) * COURSE_PER_OCTAVE) : 0;

    return at < COURSE_BUCKETS - 1 ? (size_t)at : COURSE_BUCKETS - 1;
}

void course_reset(struct course *course)
{
    memset(course, 0, sizeof(*course));
}

void course_step_merge(struct course_step *into, const struct course_step *from)
{
    into->over += from->over;
    into->failed += from->failed;
    into->streamed += from->streamed;
    into->tokens += from->tokens;
    into->in_flight_s += from->in_flight_s;
    for (size_t i = 0; i < COURSE_BUCKETS; i++)
        into->buckets[i] += from->buckets[i];
}

static void take_out(struct course_step *from, const struct course_step *what)
{
    from->over -= what->over;
    from->failed -= what->failed;
    from->streamed -= what->streamed;
    from->tokens -= what->tokens;
    from->in_flight_s -= what->in_flight_s;
    for (size_t i = 0; i < COURSE_BUCKETS; i++)
        from->buckets[i] -= what->buckets[i];
}

static void become_past(struct course *course, const struct course_step *step)
{
    struct course_step *place = &course->past[course->past_next];

    if (course->past_count == COURSE_PAST)
        take_out(&course->past_sum, place);
    else
        course->past_count++;
    *place = *step;
    course_step_merge(&course->past_sum, step);
    course->past_next = (course->past_next + 1) % COURSE_PAST;
}

void course_push(struct course *course, const struct course_step *step)
{
    if (course->window_count == COURSE_WINDOW) {
        if (!course->is_odd[0])
            become_past(course, &course->window[0]);
        course->window_count--;
        memmove(&course->window[0], &course->window[1],
                course->window_count * sizeof(course->window[0]));
        memmove(&course->is_odd[0], &course->is_odd[1],
                course->window_count * sizeof(course->is_odd[0]));
    }
    course->is_odd[course->window_count] = false;
    course->window[course->window_count++] = *step;
}

void course_mark(struct course *course)
{
    for (size_t i = 0; i < course->window_count; i++)
        course->is_odd[i] = true;
}

struct course_step course_recent(const struct course *course, size_t steps)
{
    const size_t count = steps < course->window_count ? steps : course->window_count;
    struct course_step sum = {0};

    if (count == 0)
        return sum;
    for (size_t i = course->window_count - count; i < course->window_count; i++)
        course_step_merge(&sum, &course->window[i]);
    sum.start_ns = course->window[course->window_count - count].start_ns;
    sum.end_ns = course->window[course->window_count - 1].end_ns;
    return sum;
}

static void add_bucket(void *ctx, uint64_t value_ns, uint64_t count)
{
    struct course_step *step = ctx;
    uint32_t *bucket =
        &step->buckets[course_bucket_of((double)value_ns / (double)NS_PER_MS)];

    *bucket += count < UINT32_MAX - *bucket ? (uint32_t)count : UINT32_MAX - *bucket;
}

void course_step_add(struct course_step *step, const struct histogram *histogram)
{
    if (histogram)
        histogram_each(histogram, add_bucket, step);
}

double course_step_s(const struct course_step *step)
{
    return (double)(step->end_ns - step->start_ns) / (double)NS_PER_S;
}

uint64_t course_count(const struct course_step *step)
{
    uint64_t count = 0;

    for (size_t i = 0; i < COURSE_BUCKETS; i++)
        count += step->buckets[i];
    return count;
}

static double weight_of(const struct course_step *step, size_t bucket, bool by_time)
{
    const double count = step->buckets[bucket];

    return by_time ? count * course_bucket_ms(bucket) : count;
}

static double weight_from(const struct course_step *step, size_t bucket, bool by_time)
{
    double weight = 0;

    for (size_t i = bucket; i < COURSE_BUCKETS; i++)
        if (step->buckets[i] > 0)
            weight += weight_of(step, i, by_time);
    return weight;
}

double course_time_ms(const struct course_step *step)
{
    return weight_from(step, 0, true);
}

size_t course_quantile(const struct course_step *step, double q, bool by_time)
{
    const double all = weight_from(step, 0, by_time);
    double below = 0;

    if (!(all > 0))
        return COURSE_BUCKETS;
    for (size_t i = 0; i < COURSE_BUCKETS; i++) {
        below += step->buckets[i] > 0 ? weight_of(step, i, by_time) : 0;
        if (below >= q * all)
            return i;
    }
    return COURSE_BUCKETS - 1;
}

double course_share_above(const struct course_step *step, size_t bucket, bool by_time)
{
    const double all = weight_from(step, 0, by_time);

    return all > 0 ? weight_from(step, bucket + 1, by_time) / all : 0;
}

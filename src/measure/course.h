/*
 * The course of one signal: its last seconds (the window) and the past that they are compared with. What
 * leaves the window becomes past, unless it was marked as odd: then the past stays as it was.
 * A latency is kept in buckets of an eighth of an octave, so a value is off by 1/20 at most. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

#define COURSE_WINDOW 5
#define COURSE_PAST 60
#define COURSE_PER_OCTAVE 8
#define COURSE_OCTAVES 22 /* from 1/4 ms to 17 minutes */
#define COURSE_BUCKETS (COURSE_PER_OCTAVE * COURSE_OCTAVES + 1)

/* What was seen in about a second. */
struct course_step {
    uint64_t start_ns; /* since the run's start */
    uint64_t end_ns;
    uint64_t over; /* requests that were answered or failed */
    uint64_t failed;
    uint64_t streamed;  /* of them */
    uint64_t tokens;    /* of the answers that ended */
    double in_flight_s; /* integral of the requests in flight */
    uint32_t buckets[COURSE_BUCKETS];
};

/* The fields are private. All zero: nothing yet. */
struct course {
    struct course_step window[COURSE_WINDOW]; /* the newest last */
    size_t window_count;
    bool is_odd[COURSE_WINDOW];
    struct course_step past[COURSE_PAST]; /* a ring */
    size_t past_count;
    size_t past_next;
    struct course_step past_sum; /* of all in the past */
};

/* Forgets everything. */
void course_reset(struct course *course);

/* Adds a second; the oldest of the window becomes past. */
void course_push(struct course *course, const struct course_step *step);

/* What is in the window is never to be past. */
void course_mark(struct course *course);

/* The newest `steps` of the window, added up; its start and end are theirs. */
struct course_step course_recent(const struct course *course, size_t steps);

/* Adds what an interval's histogram holds (NULL: nothing) to a step. */
void course_step_add(struct course_step *step, const struct histogram *histogram);

/* Adds all of from but its times. */
void course_step_merge(struct course_step *into, const struct course_step *from);

double course_step_s(const struct course_step *step);

/* How many values there are; and the sum of all, in ms. */
uint64_t course_count(const struct course_step *step);
double course_time_ms(const struct course_step *step);

/*
 * The bucket of a quantile, by count or by time: the first up to which at least q of all values, or of
 * their sum, lie. COURSE_BUCKETS: there are none.
 */
size_t course_quantile(const struct course_step *step, double q, bool by_time);

/* The share of all, by count or by time, in buckets above one. 0 where there is nothing. */
double course_share_above(const struct course_step *step, size_t bucket, bool by_time);

/* The middle of a bucket, in ms, and the bucket that a value lies in. */
double course_bucket_ms(size_t bucket);
size_t course_bucket_of(double ms);

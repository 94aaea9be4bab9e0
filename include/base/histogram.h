/*
 * A latency histogram: HdrHistogram in microseconds from 1 to 3.6e9 (one hour), plus the censored
 * observations: attempts that ended before the moment happened, known only to be later than the
 * time waited. A percentile whose rank falls among the censored cannot be told but as "> X".
 * Values outside the range are clamped and counted, never lost.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct histogram;

/* The greatest value that is told apart, in ns. */
#define HISTOGRAM_MOST_NS UINT64_C(3600000000000)

/* How fine: 3 digits hold 184 KiB, 2 digits 26 KiB. */
enum histogram_digits { HISTOGRAM_COARSE = 2, HISTOGRAM_FINE = 3 };

/* A percentile: value, and whether the truth is only known to be above it. */
struct histogram_quantile {
    uint64_t value_ns;
    bool above; /* the rank falls among the censored: print "> value" */
    bool known; /* false: too few observations to say (see histogram_quantile()) */
};

/* Returns 0 or -ENOMEM. */
int histogram_new(enum histogram_digits digits, struct histogram **ret_histogram);
/* NULL is allowed. Returns NULL. */
struct histogram *histogram_free(struct histogram *histogram);

/* Records a value in ns (rounded to the nearest µs; below 1 µs counts as 1). Allocates nothing. */
void histogram_record(struct histogram *histogram, uint64_t value_ns);

/* The same for what may be nothing at all: what rounds to 0 is 0. */
void histogram_record_from_zero(struct histogram *histogram, uint64_t value_ns);

/*
 * Records an observation that had not happened after waited_ns. Allocates 26 KiB at the first one
 * and nothing later; without memory it is still counted, as if it had waited 0.
 */
void histogram_record_censored(struct histogram *histogram, uint64_t waited_ns);

/* Adds all of from, exactly: both must have the same digits. Returns 0; -EINVAL when not. */
int histogram_merge(struct histogram *into, const struct histogram *from);

/*
 * Makes `into` equal to `from`, of the same digits. What `into` got before must have been told by
 * this function from the same histogram, which only grew since: then nothing is copied where nothing
 * was added. ret_bytes: how many were. Allocates like histogram_record_censored(). Returns 0;
 * -EINVAL: other digits; -ENOMEM.
 */
int histogram_follow(struct histogram *into, const struct histogram *from,
                     size_t *ret_bytes);

/* Forgets everything. */
void histogram_reset(struct histogram *histogram);

/* How many were observed, without the censored. */
uint64_t histogram_count(const struct histogram *histogram);

/* How many were censored. */
uint64_t histogram_censored(const struct histogram *histogram);

/* How many of both passed the range's upper end and were recorded there. */
uint64_t histogram_clamped(const struct histogram *histogram);

/*
 * Of the observed values, in ns; 0 when there are none. Exact for what was recorded (whole µs),
 * whatever the digits: the mean is never outside of min and max.
 */
uint64_t histogram_min_ns(const struct histogram *histogram);
uint64_t histogram_max_ns(const struct histogram *histogram);
double histogram_mean_ns(const struct histogram *histogram);
double histogram_stddev_ns(const struct histogram *histogram);

/* The least the mean of all can be: the censored taken at the times waited. 0: there are none. */
double histogram_mean_least_ns(const struct histogram *histogram);

/* Of 1/t over the observed t, per second; 0 where there are none. Within the buckets' error. */
struct histogram_rate {
    double mean_per_s;
    double stddev_per_s;
};
struct histogram_rate histogram_rate(const struct histogram *histogram);

/*
 * The q-quantile (0 < q < 1) over observed and censored together: the smallest value with at least
 * q of all at or below it (nearest rank; HdrHistogram_c rounds the rank instead). The censored are
 * placed behind all that was observed, so that a value told is never below the truth. Where the
 * rank falls among them, `above` is set and value_ns is the smallest that the quantile can be: the
 * censored then placed at the times waited. Never above histogram_max_ns() unless `above`.
 * `known` is false where fewer than 1/(1−q) observations exist (p99 needs 100).
 */
struct histogram_quantile histogram_quantile(const struct histogram *histogram, double q);

/*
 * The greatest of observed and censored: unknown (`above`) where anything is censored, since that
 * may have become greater still. Not known where there is nothing.
 */
struct histogram_quantile histogram_greatest(const struct histogram *histogram);

/* Calls back for each non-empty bucket in rising order: highest equivalent value in ns, count. */
typedef void histogram_bucket_fn(void *ctx, uint64_t value_ns, uint64_t count);
void histogram_each(const struct histogram *histogram, histogram_bucket_fn *fn,
                    void *ctx);

/*
 * Calls back for each non-empty bucket in rising order with the least and the greatest value that count as equal to
 * it, of the observed or of the times that the censored waited.
 */
typedef void histogram_span_fn(void *ctx, uint64_t least_ns, uint64_t most_ns,
                               uint64_t count);
void histogram_each_span(const struct histogram *histogram, bool censored,
                         histogram_span_fn *fn, void *ctx);

/*
 * The HdrHistogram V2 compressed encoding, base64 (what .hlog lines carry). Censored observations
 * are not in it. ret_text is the caller's (free()). Returns 0 or -ENOMEM.
 */
int histogram_encode(const struct histogram *histogram, char **ret_text);

/*
 * Reads such an encoding: calls back for each non-empty bucket in rising order with the least and the
 * greatest value that count as equal to it, and its count. Returns 0; -EBADMSG; -ENOMEM.
 */
int histogram_decode_each(const char *text, histogram_span_fn *fn, void *ctx);

/*
 * Makes a histogram of such an encoding, of as many digits. Sums are not in it: mean and deviation are those of the
 * buckets' middles. Returns 0; -EBADMSG: it is none, or of another range; -ENOMEM.
 */
int histogram_decode(const char *text, struct histogram **ret_histogram);

#include "base/histogram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include <hdr/hdr_histogram.h>
#include <hdr/hdr_histogram_log.h>

#define LOWEST_US 1
#define HIGHEST_US INT64_C(3600000000)
#define NS_IN_US 1000

struct histogram {
    struct hdr_histogram *observed; /* µs */
    struct hdr_histogram *censored; /* times waited in µs; made at the first one */
    enum histogram_digits digits;
    uint64_t clamped;
    uint64_t censored_lost; /* no memory for `censored`: they still count as censored */
};

int histogram_new(enum histogram_digits digits, struct histogram **ret_histogram)
{
    struct histogram *histogram = calloc(1, sizeof(*histogram));

    if (!histogram)
        return -ENOMEM;
    histogram->digits = digits;
    if (hdr_init(LOWEST_US, HIGHEST_US, (int)digits, &histogram->observed) != 0) {
        free(histogram);
        return -ENOMEM;
    }
    *ret_histogram = histogram;
    return 0;
}

static void hdr_release(struct hdr_histogram *hdr)
{
    if (hdr)
        hdr_close(hdr);
}

struct histogram *histogram_free(struct histogram *histogram)
{
    if (histogram) {
        hdr_release(histogram->observed);
        hdr_release(histogram->censored);
        free(histogram);
    }
    return NULL;
}

/* ns to µs, rounded and clamped into the range. */
static int64_t to_us(struct histogram *histogram, uint64_t value_ns)
{
    const uint64_t us = value_ns / NS_IN_US + (value_ns % NS_IN_US >= NS_IN_US / 2);

    if (us > (uint64_t)HIGHEST_US) {
        histogram->clamped++;
        return HIGHEST_US;
    }
    return us < LOWEST_US ? LOWEST_US : (int64_t)us;
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
    hdr_record_value(histogram->observed, to_us(histogram, value_ns));
}

void histogram_record_censored(struct histogram *histogram, uint64_t waited_ns)
{
    if (!histogram->censored &&
        hdr_init(LOWEST_US, HIGHEST_US, HISTOGRAM_COARSE, &histogram->censored) != 0) {
        histogram->censored_lost++;
        return;
    }
    hdr_record_value(histogram->censored, to_us(histogram, waited_ns));
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (into->digits != from->digits)
        return -EINVAL;
    if (from->censored && !into->censored &&
        hdr_init(LOWEST_US, HIGHEST_US, HISTOGRAM_COARSE, &into->censored) != 0)
        return -ENOMEM;
    hdr_add(into->observed, from->observed);
    if (from->censored)
        hdr_add(into->censored, from->censored);
    into->clamped += from->clamped;
    into->censored_lost += from->censored_lost;
    return 0;
}

void histogram_reset(struct histogram *histogram)
{
    hdr_reset(histogram->observed);
    if (histogram->censored)
        hdr_reset(histogram->censored);
    histogram->clamped = 0;
    histogram->censored_lost = 0;
}

uint64_t histogram_count(const struct histogram *histogram)
{
    return (uint64_t)histogram->observed->total_count;
}

uint64_t histogram_censored(const struct histogram *histogram)
{
    return (histogram->censored ? (uint64_t)histogram->censored->total_count : 0) +
           histogram->censored_lost;
}

uint64_t histogram_clamped(const struct histogram *histogram)
{
    return histogram->clamped;
}

uint64_t histogram_min_ns(const struct histogram *histogram)
{
    return histogram_count(histogram)
               ? (uint64_t)histogram->observed->min_value * NS_IN_US
               : 0;
}

uint64_t histogram_max_ns(const struct histogram *histogram)
{
    return (uint64_t)histogram->observed->max_value * NS_IN_US;
}

double histogram_mean_ns(const struct histogram *histogram)
{
    return histogram_count(histogram) ? hdr_mean(histogram->observed) * NS_IN_US : 0;
}

double histogram_stddev_ns(const struct histogram *histogram)
{
    return histogram_count(histogram) ? hdr_stddev(histogram->observed) * NS_IN_US : 0;
}

/* The value in µs at a rank (from 1) of the two merged, the censored at the times waited. */
static int64_t value_at_rank(const struct histogram *histogram, uint64_t rank)
{
    struct hdr_iter observed;
    struct hdr_iter censored;
    bool more_observed = false;
    bool more_censored = false;
    uint64_t seen = 0;
    int64_t value = 0;

    hdr_iter_recorded_init(&observed, histogram->observed);
    more_observed = hdr_iter_next(&observed);
    if (histogram->censored) {
        hdr_iter_recorded_init(&censored, histogram->censored);
        more_censored = hdr_iter_next(&censored);
    }
    while (seen < rank && (more_observed || more_censored)) {
        const bool first =
            more_observed && (!more_censored || observed.highest_equivalent_value <=
                                                    censored.highest_equivalent_value);
        struct hdr_iter *next = first ? &observed : &censored;

        value = next->highest_equivalent_value;
        seen += (uint64_t)next->count;
        if (first)
            more_observed = hdr_iter_next(&observed);
        else
            more_censored = hdr_iter_next(&censored);
    }
    return value;
}

struct histogram_quantile histogram_quantile(const struct histogram *histogram, double q)
{
    const uint64_t observed = histogram_count(histogram);
    const uint64_t total = observed + histogram_censored(histogram);
    struct histogram_quantile quantile = {0};

    if (total == 0)
        return quantile;
    quantile.known = (double)total * (1.0 - q) >= 1.0 - 1e-9;
    uint64_t rank = (uint64_t)ceil(q * (double)total - 1e-9);

    if (rank < 1)
        rank = 1;
    quantile.above = rank > observed;
    if (observed < total) {
        quantile.value_ns = (uint64_t)value_at_rank(histogram, rank) * NS_IN_US;
        /*
         * With the censored at infinity the rank's value is that of the observed alone; where both
         * placements agree the value is certain.
         */
        if (!quantile.above) {
            const int64_t alone = hdr_value_at_percentile(
                histogram->observed, 100.0 * (double)rank / (double)observed);

            quantile.above = (uint64_t)alone * NS_IN_US != quantile.value_ns;
        }
    } else {
        quantile.value_ns =
            (uint64_t)hdr_value_at_percentile(histogram->observed, q * 100.0) * NS_IN_US;
    }
    return quantile;
}

void histogram_each(const struct histogram *histogram, histogram_bucket_fn *fn, void *ctx)
{
    struct hdr_iter iter;

    hdr_iter_recorded_init(&iter, histogram->observed);
    while (hdr_iter_next(&iter))
        fn(ctx, (uint64_t)iter.highest_equivalent_value * NS_IN_US, (uint64_t)iter.count);
}

int histogram_encode(const struct histogram *histogram, char **ret_text)
{
    /* hdr_log_encode copies the counts before it compresses; it does not write the histogram. */
    return hdr_log_encode(histogram->observed, ret_text) == 0 ? 0 : -ENOMEM;
}

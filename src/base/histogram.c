#include "base/histogram.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <hdr/hdr_histogram.h>
#include <hdr/hdr_histogram_log.h>

#include "base/histogram_state.h"

static size_t counts_bytes(const struct hdr_histogram *hdr)
{
    return (size_t)hdr->counts_len * sizeof(*hdr->counts);
}

/*
 * hdr_init(), with counts that lie in pages of their own: a page without a value is no memory. From
 * calloc() they would be what others gave back, written over with zeros.
 */
int histogram_new_counts(enum histogram_digits digits, struct hdr_histogram **ret_hdr)
{
    struct hdr_histogram_bucket_config config;
    struct hdr_histogram *hdr = calloc(1, sizeof(*hdr));
    void *counts;
    int r;

    if (!hdr)
        return -ENOMEM;
    r = hdr_calculate_bucket_config(LOWEST_US, HIGHEST_US, (int)digits, &config);
    assert(r == 0);
    hdr_init_preallocated(hdr, &config);
    counts = mmap(NULL, counts_bytes(hdr), PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (counts == MAP_FAILED) {
        free(hdr);
        return -ENOMEM;
    }
    /* Nor may one value cost a page of 2 MiB. */
    (void)madvise(counts, counts_bytes(hdr), MADV_NOHUGEPAGE);
    hdr->counts = counts;
    *ret_hdr = hdr;
    return 0;
}

static void hdr_release(struct hdr_histogram *hdr)
{
    if (!hdr)
        return;
    (void)munmap(hdr->counts, counts_bytes(hdr));
    free(hdr);
}

int histogram_new(enum histogram_digits digits, struct histogram **ret_histogram)
{
    struct histogram *histogram = calloc(1, sizeof(*histogram));

    if (!histogram)
        return -ENOMEM;
    histogram->digits = digits;
    if (histogram_new_counts(digits, &histogram->observed) < 0) {
        free(histogram);
        return -ENOMEM;
    }
    *ret_histogram = histogram;
    return 0;
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

/* ns to µs, rounded and clamped into the range from least_us on. */
static int64_t to_us(struct histogram *histogram, uint64_t value_ns, int64_t least_us)
{
    const uint64_t us = value_ns / NS_IN_US + (value_ns % NS_IN_US >= NS_IN_US / 2);

    if (us > (uint64_t)HIGHEST_US) {
        histogram->clamped++;
        return HIGHEST_US;
    }
    return (int64_t)us < least_us ? least_us : (int64_t)us;
}

/*
 * The place of a value in the range among the counts, as the library's counts_index_for() finds it
 * where the least value that is told apart is 1 and nothing was shifted.
 */
static int32_t index_of(const struct hdr_histogram *hdr, int64_t us)
{
    const int32_t magnitude = hdr->sub_bucket_half_count_magnitude;
    const int32_t bits = 64 - __builtin_clzll((uint64_t)(us | hdr->sub_bucket_mask));
    const int32_t bucket = bits - (magnitude + 1);

    return ((bucket + 1) << magnitude) + (int32_t)(us >> bucket) -
           hdr->sub_bucket_half_count;
}

/* hdr_record_value() for a value in the range, at a third of its price: each chunk pays ten times. */
static void record(struct hdr_histogram *hdr, struct sums *sums, int64_t us)
{
    hdr->counts[index_of(hdr, us)]++;
    hdr->total_count++;
    if (us < hdr->min_value)
        hdr->min_value = us;
    if (us > hdr->max_value)
        hdr->max_value = us;
    sums->us += (uint64_t)us;
    sums->squares += (uint128)us * (uint128)us;
}

static void add_sums(struct sums *into, const struct sums *from)
{
    into->us += from->us;
    into->squares += from->squares;
}

void histogram_record(struct histogram *histogram, uint64_t value_ns)
{
    record(histogram->observed, &histogram->observed_sums,
           to_us(histogram, value_ns, LOWEST_US));
}

void histogram_record_from_zero(struct histogram *histogram, uint64_t value_ns)
{
    record(histogram->observed, &histogram->observed_sums, to_us(histogram, value_ns, 0));
}

void histogram_record_censored(struct histogram *histogram, uint64_t waited_ns)
{
    if (!histogram->censored &&
        histogram_new_counts(HISTOGRAM_COARSE, &histogram->censored) < 0) {
        histogram->censored_lost++;
        return;
    }
    record(histogram->censored, &histogram->censored_sums,
           to_us(histogram, waited_ns, LOWEST_US));
}

/*
 * A part of the counts. Latencies lie close together, most counts are never touched: who works on
 * the part in use alone is faster, and leaves the rest out of memory.
 */
struct histogram_range histogram_used(const struct hdr_histogram *hdr)
{
    if (hdr->total_count == 0)
        return (struct histogram_range){0};
    return (struct histogram_range){
        .begin = index_of(hdr, hdr->min_value),
        .end = index_of(hdr, hdr->max_value) + 1,
    };
}

/* The least range that holds both. */
static struct histogram_range both(struct histogram_range a, struct histogram_range b)
{
    if (a.begin == a.end)
        return b;
    if (b.begin == b.end)
        return a;
    return (struct histogram_range){
        .begin = a.begin < b.begin ? a.begin : b.begin,
        .end = a.end > b.end ? a.end : b.end,
    };
}

static void forget_counts(struct hdr_histogram *hdr)
{
    const struct histogram_range range = histogram_used(hdr);

    memset(hdr->counts + range.begin, 0,
           (size_t)(range.end - range.begin) * sizeof(*hdr->counts));
    hdr->total_count = 0;
    hdr->min_value = INT64_MAX;
    hdr->max_value = 0;
}

/*
 * hdr_add() records the lowest value of each of from's buckets anew, which moves min and max. The
 * same configuration means the same buckets, so that adding the counts is exact, and faster.
 */
static void add_counts(struct hdr_histogram *into, const struct hdr_histogram *from)
{
    const struct histogram_range range = histogram_used(from);

    assert(into->counts_len == from->counts_len);
    for (int32_t i = range.begin; i < range.end; i++)
        into->counts[i] += from->counts[i];
    into->total_count += from->total_count;
    if (from->min_value < into->min_value)
        into->min_value = from->min_value;
    if (from->max_value > into->max_value)
        into->max_value = from->max_value;
}

int histogram_merge(struct histogram *into, const struct histogram *from)
{
    if (into->digits != from->digits)
        return -EINVAL;
    if (from->censored && !into->censored &&
        histogram_new_counts(HISTOGRAM_COARSE, &into->censored) < 0)
        return -ENOMEM;
    add_counts(into->observed, from->observed);
    if (from->censored)
        add_counts(into->censored, from->censored);
    add_sums(&into->observed_sums, &from->observed_sums);
    add_sums(&into->censored_sums, &from->censored_sums);
    into->clamped += from->clamped;
    into->censored_lost += from->censored_lost;
    return 0;
}

/* Returns the bytes that were copied: none where nothing was added since the last time. */
static size_t follow_counts(struct hdr_histogram *into, const struct hdr_histogram *from)
{
    /* What stands in the copy alone, since the histogram was reset, becomes 0 as it is there. */
    const struct histogram_range range = both(histogram_used(into), histogram_used(from));
    const size_t bytes = (size_t)(range.end - range.begin) * sizeof(*from->counts);

    if (into->total_count == from->total_count)
        return 0;
    assert(into->counts_len == from->counts_len);
    memcpy(into->counts + range.begin, from->counts + range.begin, bytes);
    into->total_count = from->total_count;
    into->min_value = from->min_value;
    into->max_value = from->max_value;
    return bytes;
}

int histogram_follow(struct histogram *into, const struct histogram *from,
                     size_t *ret_bytes)
{
    if (into->digits != from->digits)
        return -EINVAL;
    if (from->censored && !into->censored &&
        histogram_new_counts(HISTOGRAM_COARSE, &into->censored) < 0)
        return -ENOMEM;
    *ret_bytes = follow_counts(into->observed, from->observed);
    if (from->censored)
        *ret_bytes += follow_counts(into->censored, from->censored);
    into->observed_sums = from->observed_sums;
    into->censored_sums = from->censored_sums;
    into->clamped = from->clamped;
    into->censored_lost = from->censored_lost;
    return 0;
}

void histogram_reset(struct histogram *histogram)
{
    forget_counts(histogram->observed);
    if (histogram->censored)
        forget_counts(histogram->censored);
    histogram->observed_sums = (struct sums){0};
    histogram->censored_sums = (struct sums){0};
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
    const uint64_t count = histogram_count(histogram);

    return count ? (double)histogram->observed_sums.us / (double)count * NS_IN_US : 0;
}

double histogram_mean_least_ns(const struct histogram *histogram)
{
    const uint64_t count = histogram_count(histogram) + histogram_censored(histogram);
    const double sum_us =
        (double)histogram->observed_sums.us + (double)histogram->censored_sums.us;

    return count ? sum_us / (double)count * NS_IN_US : 0;
}

double histogram_stddev_ns(const struct histogram *histogram)
{
    const long double count = (long double)histogram_count(histogram);
    const struct sums *sums = &histogram->observed_sums;

    if (count == 0)
        return 0;
    const long double mean = (long double)sums->us / count;
    const long double variance = (long double)sums->squares / count - mean * mean;

    return variance > 0 ? (double)sqrtl(variance) * NS_IN_US : 0;
}

/* The greatest value in µs that the observation of a rank (from 1) can have had. */
static int64_t observed_at_rank(const struct hdr_histogram *hdr, uint64_t rank)
{
    const struct histogram_range range = histogram_used(hdr);
    uint64_t seen = 0;

    for (int32_t i = range.begin; i < range.end; i++) {
        seen += (uint64_t)hdr->counts[i];
        if (seen >= rank) {
            const int64_t value = hdr_value_at_index(hdr, i);
            const int64_t highest = hdr_next_non_equivalent_value(hdr, value) - 1;

            return highest < hdr->max_value ? highest : hdr->max_value;
        }
    }
    return hdr->max_value;
}

/* A place in a histogram's buckets, for walking two histograms in step. */
struct cursor {
    const struct hdr_histogram *hdr;
    int32_t index;
    int32_t end;
};

static struct cursor cursor_at_start(const struct hdr_histogram *hdr)
{
    const struct histogram_range range =
        hdr ? histogram_used(hdr) : (struct histogram_range){0};

    return (struct cursor){.hdr = hdr, .index = range.begin, .end = range.end};
}

/* Goes on to the next bucket that is not empty. Returns its lowest value, INT64_MAX at the end. */
static int64_t cursor_seek(struct cursor *cursor)
{
    const struct hdr_histogram *hdr = cursor->hdr;

    while (cursor->index < cursor->end && hdr->counts[cursor->index] == 0)
        cursor->index++;
    if (cursor->index == cursor->end)
        return INT64_MAX;
    const int64_t value = hdr_value_at_index(hdr, cursor->index);

    return value > hdr->min_value ? value : hdr->min_value;
}

/* The least value in µs at a rank of both together: the censored placed at the times waited. */
static int64_t least_at_rank(const struct histogram *histogram, uint64_t rank)
{
    struct cursor observed = cursor_at_start(histogram->observed);
    struct cursor censored = cursor_at_start(histogram->censored);
    uint64_t seen = histogram->censored_lost;
    int64_t value = 0;

    while (seen < rank) {
        const int64_t observed_us = cursor_seek(&observed);
        const int64_t censored_us = cursor_seek(&censored);
        struct cursor *least = observed_us <= censored_us ? &observed : &censored;

        value = observed_us <= censored_us ? observed_us : censored_us;
        assert(value != INT64_MAX);
        seen += (uint64_t)least->hdr->counts[least->index++];
    }
    return value;
}

/* The smallest rank with at least q of the total at or below it. */
static uint64_t nearest_rank(double q, uint64_t total)
{
    const double exact = q * (double)total;
    /* 0.07 × 100 is a little more than 7 in binary: that must not become rank 8. */
    const uint64_t rank = (uint64_t)ceil(exact - exact * 1e-12);

    return rank > 1 ? rank : 1;
}

struct histogram_quantile histogram_quantile(const struct histogram *histogram, double q)
{
    const uint64_t observed = histogram_count(histogram);
    const uint64_t total = observed + histogram_censored(histogram);
    struct histogram_quantile quantile = {0};

    if (total == 0)
        return quantile;
    const uint64_t rank = nearest_rank(q, total);
    int64_t value_us;

    quantile.known = (double)total * (1.0 - q) >= 1.0 - 1e-9;
    quantile.above = rank > observed;
    if (quantile.above)
        value_us = least_at_rank(histogram, rank);
    else
        value_us = observed_at_rank(histogram->observed, rank);
    quantile.value_ns = (uint64_t)value_us * NS_IN_US;
    return quantile;
}

struct histogram_quantile histogram_greatest(const struct histogram *histogram)
{
    const uint64_t observed_ns = histogram_max_ns(histogram);
    const uint64_t waited_ns =
        histogram->censored ? (uint64_t)histogram->censored->max_value * NS_IN_US : 0;

    return (struct histogram_quantile){
        .value_ns = waited_ns > observed_ns ? waited_ns : observed_ns,
        .above = histogram_censored(histogram) > 0,
        .known = histogram_count(histogram) + histogram_censored(histogram) > 0,
    };
}

void histogram_each(const struct histogram *histogram, histogram_bucket_fn *fn, void *ctx)
{
    struct hdr_iter iter;

    hdr_iter_recorded_init(&iter, histogram->observed);
    while (hdr_iter_next(&iter))
        fn(ctx, (uint64_t)iter.highest_equivalent_value * NS_IN_US, (uint64_t)iter.count);
}

void histogram_each_span(const struct histogram *histogram, bool censored,
                         histogram_span_fn *fn, void *ctx)
{
    const struct hdr_histogram *hdr =
        censored ? histogram->censored : histogram->observed;
    const struct histogram_range range =
        hdr ? histogram_used(hdr) : (struct histogram_range){0};

    for (int32_t i = range.begin; i < range.end; i++) {
        if (hdr->counts[i] == 0)
            continue;
        const int64_t least_us = hdr_value_at_index(hdr, i);
        const int64_t most_us = hdr_next_non_equivalent_value(hdr, least_us) - 1;

        fn(ctx, (uint64_t)least_us * NS_IN_US, (uint64_t)most_us * NS_IN_US,
           (uint64_t)hdr->counts[i]);
    }
}

struct histogram_rate histogram_rate(const struct histogram *histogram)
{
    const double count = (double)histogram_count(histogram);
    double sum = 0;
    double squares = 0;
    struct hdr_iter iter;

    if (count == 0)
        return (struct histogram_rate){0};
    hdr_iter_recorded_init(&iter, histogram->observed);
    while (hdr_iter_next(&iter)) {
        const int64_t highest = iter.highest_equivalent_value;
        const int64_t most_us = histogram->observed->max_value;
        const double rate = US_IN_S / (double)(highest < most_us ? highest : most_us);

        sum += rate * (double)iter.count;
        squares += rate * rate * (double)iter.count;
    }
    const double mean = sum / count;

    return (struct histogram_rate){
        .mean_per_s = mean,
        .stddev_per_s = sqrt(fmax(squares / count - mean * mean, 0)),
    };
}

int histogram_encode(const struct histogram *histogram, char **ret_text)
{
    /*
     * It takes a pointer to a histogram that is not const, but only reads it. It does not notice
     * when there is no memory for its last few KiB; a process that is so short of them dies here.
     */
    return hdr_log_encode(histogram->observed, ret_text) == 0 ? 0 : -ENOMEM;
}

int histogram_decode_each(const char *text, histogram_span_fn *fn, void *ctx)
{
    char *copy = strdup(text); /* it takes a pointer to text that is not const */
    struct hdr_histogram *hdr = NULL;
    struct hdr_iter iter;
    int r = -ENOMEM;

    if (copy)
        r = hdr_log_decode(&hdr, copy, strlen(copy));
    free(copy);
    if (r != 0)
        return r == -ENOMEM || r == ENOMEM ? -ENOMEM : -EBADMSG;
    hdr_iter_recorded_init(&iter, hdr);
    while (hdr_iter_next(&iter))
        fn(ctx, (uint64_t)iter.lowest_equivalent_value * NS_IN_US,
           (uint64_t)iter.highest_equivalent_value * NS_IN_US, (uint64_t)iter.count);
    hdr_close(hdr);
    return 0;
}

/* Sums as if all lay in the middles of their buckets. */
static void add_middles(struct histogram *histogram)
{
    struct hdr_iter iter;

    hdr_iter_recorded_init(&iter, histogram->observed);
    while (hdr_iter_next(&iter)) {
        const uint64_t us = (uint64_t)iter.median_equivalent_value;
        const uint64_t count = (uint64_t)iter.count;

        histogram->observed_sums.us += us * count;
        histogram->observed_sums.squares += (uint128)us * us * count;
    }
}

int histogram_decode(const char *text, struct histogram **ret_histogram)
{
    char *copy = strdup(text); /* it takes a pointer to text that is not const */
    struct hdr_histogram *hdr = NULL;
    struct histogram *histogram = NULL;
    int r = -ENOMEM;

    if (copy)
        r = hdr_log_decode(&hdr, copy, strlen(copy));
    free(copy);
    if (r != 0)
        return r == -ENOMEM || r == ENOMEM ? -ENOMEM : -EBADMSG;
    r = -EBADMSG;
    if ((hdr->significant_figures == HISTOGRAM_COARSE ||
         hdr->significant_figures == HISTOGRAM_FINE) &&
        hdr->lowest_trackable_value == LOWEST_US &&
        hdr->highest_trackable_value == HIGHEST_US)
        r = histogram_new((enum histogram_digits)hdr->significant_figures, &histogram);
    if (r == 0) {
        add_counts(histogram->observed, hdr);
        add_middles(histogram);
        *ret_histogram = histogram;
    }
    hdr_close(hdr);
    return r;
}

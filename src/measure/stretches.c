#include "measure/stretches.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/archive.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/histogram_archive.h"
#include "measure/stretches_archive.h"

struct stretches {
    uint64_t start_ns;
    uint64_t length_ns;
    size_t latencies;
    size_t sums;
    size_t count; /* of stretches that something was told of; after the end, of all */
    struct histogram *
        *histograms; /* STRETCHES_MOST for each latency; NULL: nothing yet */
    double *added;   /* likewise for each sum */
    double seconds[STRETCHES_MOST]; /* after the end */
};

DEFINE_CLEANUP(struct stretches, stretches_free)

int stretches_new(uint64_t start_ns, uint64_t length_ns, size_t latencies, size_t sums,
                  struct stretches **ret_stretches)
{
    CLEANUP(stretches_freep) struct stretches *stretches = calloc(1, sizeof(*stretches));

    assert(length_ns > 0);
    if (!stretches)
        return -ENOMEM;
    *stretches = (struct stretches){.start_ns = start_ns,
                                    .length_ns = length_ns,
                                    .latencies = latencies,
                                    .sums = sums};
    stretches->histograms = (struct histogram **)calloc(latencies * STRETCHES_MOST + 1,
                                                        sizeof(struct histogram *));
    stretches->added = calloc(sums * STRETCHES_MOST + 1, sizeof(*stretches->added));
    if (!stretches->histograms || !stretches->added)
        return -ENOMEM;
    *ret_stretches = TAKE(stretches);
    return 0;
}

struct stretches *stretches_free(struct stretches *stretches)
{
    if (!stretches)
        return NULL;
    if (stretches->histograms)
        for (size_t i = 0; i < stretches->latencies * STRETCHES_MOST; i++)
            histogram_free(stretches->histograms[i]);
    free((void *)stretches->histograms);
    free(stretches->added);
    free(stretches);
    return NULL;
}

/* Adds b to a, and leaves b empty. Memory may be short for what is censored: then b keeps all. */
static int join(struct histogram **a, struct histogram **b)
{
    int r = 0;

    if (!*b)
        return 0;
    if (!*a) {
        *a = TAKE(*b);
        return 0;
    }
    r = histogram_merge(*a, *b);
    if (r == 0)
        *b = histogram_free(*b);
    return r;
}

/* All are twice as long. Where memory is short for it, nothing is lost: it may be tried again. */
static int halve(struct stretches *stretches)
{
    const size_t latencies = stretches->latencies;

    for (size_t i = 0; i < latencies * STRETCHES_MOST; i += 2) {
        const int r = join(&stretches->histograms[i], &stretches->histograms[i + 1]);

        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < latencies; i++) {
        struct histogram **row = stretches->histograms + i * STRETCHES_MOST;

        for (size_t j = 1; j < STRETCHES_MOST / 2; j++)
            row[j] = TAKE(row[2 * j]);
    }
    for (size_t i = 0; i < stretches->sums; i++) {
        double *row = stretches->added + i * STRETCHES_MOST;

        for (size_t j = 0; j < STRETCHES_MOST / 2; j++)
            row[j] = row[2 * j] + row[2 * j + 1];
        for (size_t j = STRETCHES_MOST / 2; j < STRETCHES_MOST; j++)
            row[j] = 0;
    }
    stretches->length_ns *= 2;
    stretches->count = (stretches->count + 1) / 2;
    return 0;
}

/* The stretch of a moment, made where there is none yet. Returns 0 or -ENOMEM. */
static int find(struct stretches *stretches, uint64_t at_ns, size_t *ret_index)
{
    const uint64_t passed_ns =
        at_ns > stretches->start_ns ? at_ns - stretches->start_ns : 0;

    while (passed_ns / stretches->length_ns >= STRETCHES_MOST) {
        const int r = halve(stretches);

        if (r < 0)
            return r;
    }
    *ret_index = (size_t)(passed_ns / stretches->length_ns);
    if (*ret_index >= stretches->count)
        stretches->count = *ret_index + 1;
    return 0;
}

static int find_histogram(struct stretches *stretches, uint64_t at_ns, size_t which,
                          struct histogram **ret_histogram)
{
    size_t index = 0;
    struct histogram **histogram;
    int r = find(stretches, at_ns, &index);

    assert(which < stretches->latencies);
    if (r < 0)
        return r;
    histogram = &stretches->histograms[which * STRETCHES_MOST + index];
    if (!*histogram)
        r = histogram_new(HISTOGRAM_COARSE, histogram);
    *ret_histogram = *histogram;
    return r;
}

int stretches_record(struct stretches *stretches, uint64_t at_ns, size_t which,
                     uint64_t value_ns)
{
    struct histogram *histogram = NULL;
    const int r = find_histogram(stretches, at_ns, which, &histogram);

    if (r == 0)
        histogram_record(histogram, value_ns);
    return r;
}

int stretches_record_censored(struct stretches *stretches, uint64_t at_ns, size_t which,
                              uint64_t waited_ns)
{
    struct histogram *histogram = NULL;
    const int r = find_histogram(stretches, at_ns, which, &histogram);

    if (r == 0)
        histogram_record_censored(histogram, waited_ns);
    return r;
}

int stretches_merge(struct stretches *stretches, uint64_t at_ns, size_t which,
                    const struct histogram *histogram)
{
    struct histogram *into = NULL;
    const int r = find_histogram(stretches, at_ns, which, &into);

    return r == 0 ? histogram_merge(into, histogram) : r;
}

void stretches_add(struct stretches *stretches, uint64_t at_ns, size_t sum, double value)
{
    size_t index = STRETCHES_MOST - 1;

    assert(sum < stretches->sums);
    /* Without memory to join stretches it goes into the last one, so that the sum of all is true. */
    (void)find(stretches, at_ns, &index);
    stretches->added[sum * STRETCHES_MOST + index] += value;
}

/* What is behind the last whole stretch becomes part of it. */
static void fold_last(struct stretches *stretches)
{
    const size_t last = stretches->count - 1;

    for (size_t i = 0; i < stretches->latencies; i++) {
        struct histogram **row = stretches->histograms + i * STRETCHES_MOST;

        (void)join(&row[last - 1], &row[last]);
    }
    for (size_t i = 0; i < stretches->sums; i++) {
        double *row = stretches->added + i * STRETCHES_MOST;

        row[last - 1] += row[last];
        row[last] = 0;
    }
    stretches->count--;
}

void stretches_end(struct stretches *stretches, uint64_t end_ns)
{
    const uint64_t passed_ns =
        end_ns > stretches->start_ns ? end_ns - stretches->start_ns : 0;
    size_t index = 0;
    size_t whole;

    if (passed_ns > 0)
        (void)find(stretches, end_ns - 1, &index);
    whole = (size_t)((passed_ns + stretches->length_ns / 2) / stretches->length_ns);
    while (stretches->count > 1 && stretches->count > whole)
        fold_last(stretches);
    for (size_t i = 0; i < stretches->count; i++)
        stretches->seconds[i] = (double)stretches->length_ns / (double)NS_PER_S;
    if (stretches->count > 0 && passed_ns > 0)
        stretches->seconds[stretches->count - 1] =
            ((double)passed_ns -
             (double)(stretches->count - 1) * (double)stretches->length_ns) /
            (double)NS_PER_S;
}

/* As long as the others are; where they are shorter, several of them become part of one. */
static int grow_to(struct stretches *stretches, uint64_t length_ns)
{
    int r = 0;

    while (r == 0 && stretches->length_ns < length_ns)
        r = halve(stretches);
    return r;
}

/* Where a stretch of others, of that length, lies. */
static size_t place_of(const struct stretches *stretches, size_t index,
                       uint64_t length_ns)
{
    return (size_t)(index * length_ns / stretches->length_ns);
}

void stretches_archive(struct archive *archive, struct stretches *stretches)
{
    const uint64_t length_ns = archive_number(archive, stretches->length_ns);
    const uint64_t count =
        archive_number_below(archive, stretches->count, STRETCHES_MOST + 1);

    if (archive_is_read(archive) && grow_to(stretches, length_ns) < 0)
        archive_fail(archive, -ENOMEM);
    for (size_t i = 0; i < count && archive_error(archive) == 0; i++) {
        const size_t at = place_of(stretches, i, length_ns);

        if (at >= stretches->count)
            stretches->count = at + 1;
        for (size_t j = 0; j < stretches->latencies; j++)
            histogram_archive(archive, HISTOGRAM_COARSE,
                              &stretches->histograms[j * STRETCHES_MOST + at]);
        for (size_t j = 0; j < stretches->sums; j++)
            archive_sum_double(archive, &stretches->added[j * STRETCHES_MOST + at]);
    }
}

uint64_t stretches_length_ns(const struct stretches *stretches)
{
    return stretches->length_ns;
}

struct contrast_values stretches_values(const struct stretches *stretches, size_t which)
{
    assert(which < stretches->latencies);
    return (struct contrast_values){
        .stretches = (const struct histogram *const *)stretches->histograms +
                     which * STRETCHES_MOST,
        .count = stretches->count,
    };
}

struct contrast_sums stretches_sums(const struct stretches *stretches, size_t over,
                                    size_t under)
{
    assert(over < stretches->sums && under < stretches->sums);
    return (struct contrast_sums){
        .over = stretches->added + over * STRETCHES_MOST,
        .under = stretches->added + under * STRETCHES_MOST,
        .count = stretches->count,
    };
}

struct contrast_sums stretches_per_second(const struct stretches *stretches, size_t over)
{
    assert(over < stretches->sums);
    return (struct contrast_sums){
        .over = stretches->added + over * STRETCHES_MOST,
        .under = stretches->seconds,
        .count = stretches->count,
    };
}

#include "base/histogram_archive.h"

#include <assert.h>
#include <errno.h>

#include "base/archive.h"
#include "base/histogram_state.h"

/* How many buckets of these counts are not empty. */
static uint64_t count_buckets(const struct hdr_histogram *hdr)
{
    const struct histogram_range range = histogram_used(hdr);
    uint64_t count = 0;

    for (int32_t i = range.begin; i < range.end; i++)
        count += hdr->counts[i] != 0;
    return count;
}

static void write_counts(struct archive *archive, const struct hdr_histogram *hdr)
{
    const struct histogram_range range = histogram_used(hdr);
    int32_t last = 0;

    assert(hdr);
    archive_number(archive, (uint64_t)hdr->min_value);
    archive_number(archive, (uint64_t)hdr->max_value);
    archive_number(archive, count_buckets(hdr));
    for (int32_t i = range.begin; i < range.end; i++) {
        if (hdr->counts[i] == 0)
            continue;
        archive_number(archive, (uint64_t)(i - last));
        archive_number(archive, (uint64_t)hdr->counts[i]);
        last = i;
    }
}

/* What no histogram counts up to. */
#define COUNT_MOST (UINT64_C(1) << 56)

/* Whether a damaged archive has counts where there can be none. */
static bool is_outside(const struct hdr_histogram *hdr, uint64_t first, uint64_t last)
{
    const struct histogram_range range = histogram_used(hdr);

    return first < (uint64_t)range.begin || last >= (uint64_t)range.end;
}

static void add_counts(struct archive *archive, struct hdr_histogram *hdr)
{
    const int64_t min = (int64_t)archive_number(archive, 0);
    const int64_t max = (int64_t)archive_number(archive, 0);
    const uint64_t buckets =
        archive_number_below(archive, 0, (uint64_t)hdr->counts_len + 1);
    uint64_t first = 0;
    uint64_t at = 0;

    for (uint64_t i = 0; i < buckets && archive_error(archive) == 0; i++) {
        const uint64_t room = (uint64_t)hdr->counts_len - at;
        const uint64_t step = archive_number_below(archive, 0, room);
        const int64_t count = (int64_t)archive_number_below(archive, 0, COUNT_MOST);

        at += step;
        first = i == 0 ? at : first;
        hdr->counts[at] += count;
        hdr->total_count += count;
    }
    if (buckets == 0 || archive_error(archive) < 0)
        return;
    if (min < 0 || min > max || max > HIGHEST_US) {
        archive_fail(archive, -EBADMSG);
        return;
    }
    if (min < hdr->min_value)
        hdr->min_value = min;
    if (max > hdr->max_value)
        hdr->max_value = max;
    if (is_outside(hdr, first, at))
        archive_fail(archive, -EBADMSG);
}

static void archive_sums(struct archive *archive, struct sums *sums)
{
    uint64_t low = (uint64_t)sums->squares;
    uint64_t high = (uint64_t)(sums->squares >> 64);

    archive_sum(archive, &sums->us);
    low = archive_number(archive, low);
    high = archive_number(archive, high);
    if (archive_is_read(archive))
        sums->squares += (uint128)high << 64 | low;
}

static void archive_censored(struct archive *archive, struct histogram *histogram)
{
    const bool any = archive_number(archive, histogram->censored != NULL);

    if (!any || archive_error(archive) < 0)
        return;
    if (!archive_is_read(archive)) {
        write_counts(archive, histogram->censored);
        return;
    }
    if (!histogram->censored &&
        histogram_new_counts(HISTOGRAM_COARSE, &histogram->censored) < 0) {
        archive_fail(archive, -ENOMEM);
        return;
    }
    add_counts(archive, histogram->censored);
}

static void archive_body(struct archive *archive, struct histogram *histogram)
{
    if (archive_is_read(archive))
        add_counts(archive, histogram->observed);
    else
        write_counts(archive, histogram->observed);
    archive_censored(archive, histogram);
    archive_sums(archive, &histogram->observed_sums);
    archive_sums(archive, &histogram->censored_sums);
    archive_sum(archive, &histogram->clamped);
    archive_sum(archive, &histogram->censored_lost);
}

/* What stands there: 0, or its digits. */
void histogram_archive(struct archive *archive, enum histogram_digits digits,
                       struct histogram **histogram)
{
    const uint64_t found =
        archive_number(archive, *histogram ? (uint64_t)(*histogram)->digits : 0);

    if (found == 0 || archive_error(archive) < 0)
        return;
    if (!*histogram && histogram_new(digits, histogram) < 0)
        archive_fail(archive, -ENOMEM);
    else if (found != (uint64_t)(*histogram)->digits)
        archive_fail(archive, -EBADMSG);
    else
        archive_body(archive, *histogram);
}

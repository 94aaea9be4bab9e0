#include "measure/counters_archive.h"

#include <errno.h>
#include <string.h>

#include "base/archive.h"
#include "base/cleanup.h"
#include "base/histogram_archive.h"
#include "measure/customs.h"
#include "measure/series.h"

#define COUNTERS (sizeof(struct counters) / sizeof(uint64_t))
/* More than any scenario can have of its own. */
#define CUSTOMS_MOST 100000

void counters_add(struct counters *into, const struct counters *from)
{
    series_add_counters(into, from);
}

void counters_archive(struct archive *archive, struct counters *counters)
{
    struct counters part = {0};
    uint64_t words[COUNTERS];

    memcpy(words, counters, sizeof(words));
    for (size_t i = 0; i < COUNTERS; i++)
        words[i] = archive_number(archive, words[i]);
    memcpy(&part, words, sizeof(words));
    if (archive_is_read(archive) && archive_error(archive) == 0)
        series_add_counters(counters, &part);
}

/* Into one that has nothing yet, or out of one. */
static void archive_custom(struct archive *archive, struct custom *custom,
                           enum histogram_digits digits)
{
    archive_sum(archive, &custom->count);
    archive_sum(archive, &custom->trues);
    archive_sum_signed(archive, &custom->sum_millionths);
    archive_sum_double(archive, &custom->last);
    archive_sum_double(archive, &custom->least);
    archive_sum_double(archive, &custom->greatest);
    archive_sum(archive, &custom->last_order);
    archive_sum(archive, &custom->unfit);
    histogram_archive(archive, digits, &custom->histogram);
}

void customs_archive(struct archive *archive, struct customs *customs,
                     enum histogram_digits digits)
{
    const uint64_t count =
        archive_number_below(archive, customs->each ? customs->count : 0, CUSTOMS_MOST);
    CLEANUP(customs_deinit) struct customs part = {0};
    struct customs *walked = archive_is_read(archive) ? &part : customs;

    if (count == 0)
        return;
    if (archive_is_read(archive) && !customs_reserve(&part, count)) {
        archive_fail(archive, -ENOMEM);
        return;
    }
    for (size_t i = 0; i < count; i++)
        archive_custom(archive, &walked->each[i], digits);
    if (!archive_is_read(archive) || archive_error(archive) < 0)
        return;
    /* Two plans of one scenario have the same metrics. */
    if (customs->each && customs->count != count)
        archive_fail(archive, -EBADMSG);
    else if (!customs_merge(customs, part.each, count, digits))
        archive_fail(archive, -ENOMEM);
}

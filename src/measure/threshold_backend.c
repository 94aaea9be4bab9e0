/* What servers tell of themselves: readings of the measured window. */
#include <math.h>
#include <stdint.h>

#include "expr/selector.h"
#include "measure/backend_book.h"
#include "measure/threshold_reading.h"

static enum threshold_kind kind_of(enum backend_unit unit)
{
    switch (unit) {
    case BACKEND_UNIT_SECONDS:
        return THRESHOLD_OF_TIME_READINGS;
    case BACKEND_UNIT_FRACTION:
        return THRESHOLD_OF_SHARE_READINGS;
    case BACKEND_UNIT_REQUESTS:
    case BACKEND_UNIT_PER_S:
    case BACKEND_UNIT_BYTES:
    case BACKEND_UNIT_WATTS:
    case BACKEND_UNIT_CELSIUS:
        break;
    }
    return THRESHOLD_OF_READINGS;
}

bool threshold_backend_metric_at(size_t index, struct threshold_metric *ret_metric)
{
    const struct backend_metric_info *info;

    if (index >= BACKEND_METRIC_COUNT)
        return false;
    info = backend_metric_info((enum backend_metric)index);
    *ret_metric = (struct threshold_metric){
        .name = info->name, .kind = kind_of(info->unit), .of_backends = true};
    return true;
}

static enum threshold_unit unit_of(enum backend_metric metric)
{
    switch (backend_metric_info(metric)->unit) {
    case BACKEND_UNIT_SECONDS:
        return THRESHOLD_UNIT_MS;
    case BACKEND_UNIT_FRACTION:
        return THRESHOLD_UNIT_FRACTION;
    case BACKEND_UNIT_PER_S:
        return THRESHOLD_UNIT_PER_S;
    case BACKEND_UNIT_REQUESTS:
    case BACKEND_UNIT_BYTES:
    case BACKEND_UNIT_WATTS:
    case BACKEND_UNIT_CELSIUS:
        break;
    }
    return THRESHOLD_UNIT_NUMBER;
}

/* Adds a server's figures to those of the servers before it. */
static void merge(struct backend_stats *into, const struct backend_stats *from)
{
    const uint64_t both = into->readings + from->readings;

    if (from->readings == 0)
        return;
    if (into->readings == 0) {
        *into = *from;
        return;
    }
    into->min = fmin(into->min, from->min);
    into->max = fmax(into->max, from->max);
    into->last = fmax(into->last, from->last);
    into->mean += (from->mean - into->mean) * (double)from->readings / (double)both;
    into->readings = both;
}

/* Whom a threshold means, and when. */
struct choice {
    const struct backend_book *book;
    enum backend_metric metric;
    size_t index; /* SIZE_MAX: all */
    uint64_t from_ns;
    uint64_t to_ns;
};

static struct backend_stats stats_of(const struct choice *choice)
{
    const size_t first = choice->index == SIZE_MAX ? 0 : choice->index;
    const size_t end =
        choice->index == SIZE_MAX ? backend_book_count(choice->book) : choice->index + 1;
    struct backend_stats all = {.readings = 0};

    for (size_t i = first; i < end; i++) {
        struct backend_stats one;

        backend_book_stats(choice->book, i, choice->metric, choice->from_ns,
                           choice->to_ns, &one);
        merge(&all, &one);
    }
    return all;
}

static double quantile_of(const struct choice *choice, double share)
{
    return backend_book_quantile(choice->book, choice->index, choice->metric,
                                 choice->from_ns, choice->to_ns, share);
}

static double value_of(const struct threshold *threshold, const struct choice *choice,
                       const struct backend_stats *stats)
{
    switch (threshold->aggregate) {
    case THRESHOLD_MIN:
        return stats->min;
    case THRESHOLD_MAX:
        return stats->max;
    case THRESHOLD_AVG:
        return stats->mean;
    case THRESHOLD_VALUE:
        return stats->last;
    case THRESHOLD_MED:
        return quantile_of(choice, 0.5);
    case THRESHOLD_PERCENTILE:
        return quantile_of(choice, threshold->percentile / 100);
    case THRESHOLD_RATE:
    case THRESHOLD_COUNT:
        break;
    }
    return (double)NAN;
}

/* SIZE_MAX: all are meant. False: a server that there is none of. */
static bool find(const struct backend_book *book, const char *text, size_t *ret_index)
{
    const struct selector_label *name;
    struct selector selector;

    *ret_index = SIZE_MAX;
    if (!*text)
        return true;
    name =
        selector_parse(text, &selector) == 0 ? selector_find(&selector, "backend") : NULL;
    for (size_t i = 0; name && i < backend_book_count(book); i++) {
        struct backend_view view;

        backend_book_view(book, i, &view);
        *ret_index = i;
        if (selector_label_is(name, view.name))
            return true;
    }
    return false;
}

struct threshold_judgement threshold_of_backends(const struct threshold *threshold,
                                                 enum backend_metric metric,
                                                 const struct reading *reading)
{
    const struct recorder_options *options = recorder_options(reading->recorder);
    struct threshold_judgement judgement = {.unit = unit_of(metric)};
    struct choice choice = {.book = options->backends,
                            .metric = metric,
                            .from_ns = options->window_start_ns,
                            .to_ns = options->window_end_ns};
    struct backend_stats stats;

    if (!choice.book || !find(choice.book, reading->selector, &choice.index))
        return judgement;
    if (reading->load_end_ns < choice.to_ns)
        choice.to_ns = reading->load_end_ns;
    stats = stats_of(&choice);
    judgement.samples = stats.readings;
    judgement.value = stats.readings > 0
                          ? backend_value_of(metric, value_of(threshold, &choice, &stats))
                          : 0;
    judgement.known = stats.readings > 0 && isfinite(judgement.value);
    return judgement;
}

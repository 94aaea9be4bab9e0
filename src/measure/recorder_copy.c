#include "measure/recorder_copy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "measure/recorder_state.h"

/* What looking at a part costs at least, told in bytes: idle parts must not add up either. */
#define LOOK_BYTES 512
/* Memory that is touched for the first time takes so much longer. */
#define NEW_COSTS 3

/* The parts of a recorder, in the order in which they are copied. */
enum part_kind {
    COPY_TOTALS,
    COPY_DIMENSIONS,
    COPY_SELECTIONS,
    COPY_DRIFTS,
    COPY_TURNS,
    COPY_PEOPLE,
    COPY_RECOVERIES,
    COPY_REST,
};

struct recorder_copy {
    const struct recorder *source;
    struct recorder *into;
    enum part_kind kind; /* what is copied next: */
    size_t dimension;
    size_t index; /* of a value, selection, drift, turn, block, recovery */
    enum part part;
    enum metric metric; /* METRIC_COUNT: the scenario's own, of which … */
    size_t custom;      /* … this */
    size_t slice;       /* of a drift */
    size_t budget;      /* bytes left in this slice */
    int error;
};

DEFINE_CLEANUP(struct recorder_copy, recorder_copy_free)

int recorder_copy_new(const struct recorder *source, struct recorder_copy **ret_copy)
{
    CLEANUP(recorder_copy_freep) struct recorder_copy *copy = calloc(1, sizeof(*copy));

    if (!copy || recorder_new(&source->options, &copy->into) < 0)
        return -ENOMEM;
    copy->source = source;
    copy->into->labels = labels_free(copy->into->labels);
    arm_book_deinit(&copy->into->arms);
    *ret_copy = TAKE(copy);
    return 0;
}

struct recorder_copy *recorder_copy_free(struct recorder_copy *copy)
{
    if (copy)
        recorder_free(copy->into);
    free(copy);
    return NULL;
}

const struct recorder *recorder_copy_view(const struct recorder_copy *copy)
{
    return copy->into;
}

static void spend(struct recorder_copy *copy, size_t bytes)
{
    bytes += LOOK_BYTES;
    copy->budget = copy->budget > bytes ? copy->budget - bytes : 0;
}

static void copy_histogram(struct recorder_copy *copy, const struct histogram *from,
                           enum histogram_digits digits, struct histogram **into)
{
    const bool is_new = !*into;
    size_t bytes = 0;

    if (!from)
        return;
    if ((is_new && histogram_new(digits, into) < 0) ||
        histogram_follow(*into, from, &bytes) < 0)
        copy->error = -ENOMEM;
    spend(copy, is_new ? NEW_COSTS * bytes : bytes);
}

/* The next metric of the scenario's own. Returns whether that was the last. */
static bool copy_custom(struct recorder_copy *copy, const struct series *from,
                        struct series *into)
{
    const struct custom *custom;
    struct custom *own;
    struct histogram *histogram;

    if (!from->customs.each)
        return true;
    if (!customs_reserve(&into->customs, from->customs.count)) {
        copy->error = -ENOMEM;
        return true;
    }
    custom = &from->customs.each[copy->custom];
    own = &into->customs.each[copy->custom];
    histogram = own->histogram;
    *own = *custom;
    own->histogram = histogram;
    copy_histogram(copy, custom->histogram, from->digits, &own->histogram);
    copy->custom = copy->custom + 1 < from->customs.count ? copy->custom + 1 : 0;
    return copy->custom == 0;
}

/* One metric of a series. Returns whether that was the last. */
static bool copy_series(struct recorder_copy *copy, const struct series *from,
                        struct series *into)
{
    if (copy->metric == METRIC_COUNT) {
        if (!copy_custom(copy, from, into))
            return false;
        copy->metric = 0;
        return true;
    }
    if (copy->metric == 0) {
        into->counters = from->counters;
        spend(copy, sizeof(into->counters));
    }
    copy_histogram(copy, from->histograms[copy->metric], from->digits,
                   &into->histograms[copy->metric]);
    copy->metric++;
    return false;
}

static void copy_total(struct recorder_copy *copy)
{
    if (!copy_series(copy, &copy->source->total[copy->part],
                     &copy->into->total[copy->part]))
        return;
    copy->part++;
    if (copy->part == PART_COUNT) {
        copy->part = 0;
        copy->kind++;
    }
}

/* Room for all values of a dimension, which are only ever added to. */
static int reserve_values(struct dimension *into, const struct dimension *from)
{
    if (into->cap < from->count) {
        struct dimension_value *values =
            reallocarray(into->values, from->cap, sizeof(*values));

        if (!values)
            return -ENOMEM;
        into->values = values;
        into->cap = from->cap;
    }
    for (; into->count < from->count; into->count++)
        into->values[into->count] =
            (struct dimension_value){.value = from->values[into->count].value};
    return 0;
}

/* The series of a value in the copy; NULL when memory is out. */
static struct series *own_series(struct dimension_value *value, enum part part,
                                 enum histogram_digits digits)
{
    if (!value->parts[part]) {
        value->parts[part] = malloc(sizeof(*value->parts[part]));
        if (value->parts[part])
            series_init(value->parts[part], digits);
    }
    return value->parts[part];
}

static void next_value(struct recorder_copy *copy)
{
    spend(copy, 0);
    copy->part++;
    if (copy->part == PART_COUNT) {
        copy->part = 0;
        copy->index++;
    }
}

static void copy_dimension(struct recorder_copy *copy)
{
    const struct dimension *from = &copy->source->dimensions.each[copy->dimension];
    struct dimension *into = &copy->into->dimensions.each[copy->dimension];
    const struct series *series = NULL;
    struct series *own = NULL;

    if (reserve_values(into, from) < 0)
        copy->error = -ENOMEM;
    if (copy->error < 0 || copy->index >= from->count) {
        copy->index = 0;
        copy->dimension++;
        if (copy->dimension == DIMENSION_COUNT) {
            copy->dimension = 0;
            copy->kind++;
        }
        return;
    }
    series = from->values[copy->index].parts[copy->part];
    if (!series) {
        next_value(copy);
        return;
    }
    own = own_series(&into->values[copy->index], copy->part, series->digits);
    if (!own)
        copy->error = -ENOMEM;
    else if (copy_series(copy, series, own))
        next_value(copy);
}

static void next_index(struct recorder_copy *copy, size_t count)
{
    copy->index++;
    if (copy->index >= count) {
        copy->index = 0;
        copy->kind++;
    }
}

static void copy_selection(struct recorder_copy *copy)
{
    const struct selections *from = &copy->source->selections;

    if (copy->index >= from->count ||
        copy_series(copy, &from->each[copy->index].series,
                    &copy->into->selections.each[copy->index].series))
        next_index(copy, from->count);
}

/* The drift of the total, then those of selections; NULL where there is none. */
static struct drift *drift_at(const struct recorder *recorder, size_t index)
{
    return index == 0 ? recorder->drift : recorder->selections.each[index - 1].drift;
}

/* The place in the copy of a slice; NULL when memory is out. */
static struct series *own_slice(struct drift *drift, const struct series *from,
                                size_t slice)
{
    struct series **own = &drift->slices[slice];

    if (!*own)
        *own = malloc(sizeof(**own));
    if (*own)
        series_init(*own, from->digits);
    return *own;
}

/* One metric of a slice. Where slices were joined since the last step, the drift is copied anew. */
static void copy_drift(struct recorder_copy *copy)
{
    const size_t count = copy->source->selections.count + 1;
    const struct drift *from = drift_at(copy->source, copy->index);
    struct drift *into = drift_at(copy->into, copy->index);
    const struct series *slice = NULL;

    spend(copy, 0);
    if (!from || !into || copy->slice == DRIFT_SLICES) {
        copy->slice = 0;
        next_index(copy, count);
        return;
    }
    if (drift_match(into, from)) {
        copy->slice = 0;
        copy->metric = 0;
        copy->custom = 0;
    }
    slice = from->slices[copy->slice];
    if (!slice)
        copy->slice++;
    else if (!into->slices[copy->slice] && !own_slice(into, slice, copy->slice))
        copy->error = -ENOMEM;
    else if (copy_series(copy, slice, into->slices[copy->slice]))
        copy->slice++;
}

static void copy_turn(struct recorder_copy *copy)
{
    const struct turn *from = &copy->source->turns.each[copy->index];
    struct turn *into = &copy->into->turns.each[copy->index];

    into->requests = from->requests;
    into->prompts = from->prompts;
    into->prompt_tokens = from->prompt_tokens;
    copy_histogram(copy, from->ttft, HISTOGRAM_COARSE, &into->ttft);
    next_index(copy, RECORDER_TURNS);
}

static void copy_people(struct recorder_copy *copy)
{
    const struct people *from = &copy->source->people;
    struct people *into = &copy->into->people;
    const size_t bytes = PEOPLE_PER_BLOCK * sizeof(*from->blocks[0]);

    into->others = from->others;
    spend(copy, 0);
    if (from->blocks[copy->index]) {
        if (!into->blocks[copy->index])
            into->blocks[copy->index] = malloc(bytes);
        if (into->blocks[copy->index])
            memcpy(into->blocks[copy->index], from->blocks[copy->index], bytes);
        else
            copy->error = -ENOMEM;
        spend(copy, bytes);
    }
    next_index(copy, PEOPLE_BLOCKS);
}

/*
 * The points that came since the last copy, as many as the slice has room for: those that are there
 * were perhaps sorted by a reader, and are the same all the same.
 */
static void copy_recovery(struct recorder_copy *copy)
{
    const struct recoveries *all = &copy->source->recoveries;
    const struct recovery *from = NULL;
    struct recovery *into = NULL;
    size_t count = copy->budget / sizeof(*from->points) + 1;

    if (copy->index >= all->count) {
        next_index(copy, all->count);
        return;
    }
    from = &all->each[copy->index];
    into = &copy->into->recoveries.each[copy->index];
    if (into->cap < from->count) {
        struct recovery_point *points =
            reallocarray(into->points, from->cap, sizeof(*points));

        if (!points) {
            copy->error = -ENOMEM;
            return;
        }
        into->points = points;
        into->cap = from->cap;
    }
    if (count > from->count - into->count)
        count = from->count - into->count;
    if (count > 0)
        memcpy(&into->points[into->count], &from->points[into->count],
               count * sizeof(*from->points));
    into->count += count;
    spend(copy, count * sizeof(*from->points));
    if (into->count == from->count)
        next_index(copy, all->count);
}

/* What is small, and the levels last, so that they are of the moment at which the copy is whole. */
static void copy_rest(struct recorder_copy *copy)
{
    const struct recorder *from = copy->source;
    struct recorder *into = copy->into;

    into->peers.table = from->peers.table;
    into->isolation = from->isolation;
    into->in_flight = from->in_flight;
    into->active_users = from->active_users;
    into->users = from->users;
    into->users_peak = from->users_peak;
    into->pauses = from->pauses;
    into->drawn_pause_ns = from->drawn_pause_ns;
    into->achieved_pause_ns = from->achieved_pause_ns;
    into->questions = from->questions;
    into->unique_questions = from->unique_questions;
    memcpy(into->lengths, from->lengths, sizeof(into->lengths));
    into->latency_sum_s = from->latency_sum_s;
    into->custom_values = from->custom_values;
    if (checks_follow(&into->checks, &from->checks) < 0)
        copy->error = -ENOMEM;
    into->lost = from->lost;
    into->burst.most = from->burst.most;
    into->stalls = from->stalls;
    into->label_sets = labels_count(from->labels);
    into->label_sets_overflown = labels_overflown(from->labels);
}

/* The recorder follows another plan since the last step: a copy that has begun begins anew. */
static void follow_plan(struct recorder_copy *copy)
{
    const struct recorder *from = copy->source;
    struct recorder *into = copy->into;

    *copy = (struct recorder_copy){.source = from, .into = into, .budget = copy->budget};

    selections_follow(&into->selections, &from->selections);
    recoveries_deinit(&into->recoveries); /* all points are copied anew */
    copy->error =
        recoveries_init(&into->recoveries, from->options.plan, from->options.started_ns);
    if (copy->error == 0)
        copy->error =
            recorder_follow_drifts(into, from->options.plan, from->options.started_ns);
    into->options = from->options;
}

int recorder_copy_step(struct recorder_copy *copy, size_t budget_bytes)
{
    static void (*const steps[])(struct recorder_copy *) = {
        [COPY_TOTALS] = copy_total,         [COPY_DIMENSIONS] = copy_dimension,
        [COPY_SELECTIONS] = copy_selection, [COPY_DRIFTS] = copy_drift,
        [COPY_TURNS] = copy_turn,           [COPY_PEOPLE] = copy_people,
        [COPY_RECOVERIES] = copy_recovery,
    };
    int r = 0;

    copy->budget = budget_bytes;
    if (copy->into->options.plan != copy->source->options.plan)
        follow_plan(copy);
    while (copy->kind != COPY_REST && copy->budget > 0 && copy->error == 0)
        steps[copy->kind](copy);
    if (copy->kind != COPY_REST && copy->error == 0)
        return 0;
    if (copy->error == 0)
        copy_rest(copy);
    r = copy->error < 0 ? copy->error : 1;
    *copy = (struct recorder_copy){.source = copy->source, .into = copy->into};
    return r;
}

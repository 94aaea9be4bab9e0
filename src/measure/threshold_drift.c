/*
 * Drifts: an aggregate in the last quarter of a sustained phase against the first. Each quarter is cut
 * into parts of equal length, the aggregate of each part is one value, and the means of both are compared
 * (welch.h). This is the method of batch means: 10 to 30 batches are as many as are of use (B. Schmeiser,
 * "Batch size effects in the analysis of simulation output", Operations Research 30, 1982), and fewer
 * serve where more would be too small to have a percentile.
 */
#include <math.h>

#include "base/clock.h"
#include "measure/drift.h"
#include "measure/recorder_state.h"
#include "measure/threshold_reading.h"
#include "measure/welch.h"
#include "plan/plan.h"

#define MOST_PARTS 16
#define LEAST_PARTS 4

/* Of a part that is no percentile: below so many a value is mostly chance. */
#define LEAST_SAMPLES 5

struct quarters {
    const struct threshold *threshold;
    const char *metric;
    const struct reading *reading;
    const struct drift *drift;
    size_t slices; /* of one quarter */
    size_t count;  /* of all: the last quarter ends there */
};

/* The values of the parts of one quarter. */
struct quarter {
    double values[MOST_PARTS];
    size_t above; /* of the parts: whose value is only a bound */
    uint64_t samples;
    enum threshold_unit unit;
};

/* A percentile needs as many as make it differ from the greatest. */
static double samples_needed(const struct threshold *threshold)
{
    const double tail = fmin(threshold->percentile, 100 - threshold->percentile);

    if (threshold->aggregate != THRESHOLD_PERCENTILE)
        return LEAST_SAMPLES;
    return fmax(LEAST_SAMPLES, 100 / tail);
}

/* The value of the slices [from, to), added up where they are several. */
static struct threshold_judgement read_part(const struct quarters *quarters, size_t from,
                                            size_t to)
{
    const struct drift *drift = quarters->drift;
    struct reading reading = *quarters->reading;
    struct threshold_judgement judgement = {0};
    struct series sum;
    struct series_view view;
    bool whole = true;

    series_init(&sum, HISTOGRAM_COARSE);
    for (size_t i = from; i < to; i++)
        if (drift->slices[i] && to - from > 1)
            whole = series_add(&sum, drift->slices[i]) && whole;
    view = series_view_of(to - from == 1 && drift->slices[from] ? drift->slices[from]
                                                                : &sum);
    reading.counters = view.counters;
    reading.seconds = (double)(to - from) * (double)drift->slice_ns / (double)NS_PER_S;
    if (whole)
        judgement =
            threshold_read(quarters->threshold, quarters->metric, &view, &reading);
    series_deinit(&sum);
    return judgement;
}

/* Reads so many parts of the quarter that begins at a slice. Returns whether all have a value. */
static bool read_quarter(const struct quarters *quarters, size_t first, size_t parts,
                         struct quarter *ret_quarter)
{
    const double needed = samples_needed(quarters->threshold);

    *ret_quarter = (struct quarter){.above = 0};
    for (size_t i = 0; i < parts; i++) {
        const struct threshold_judgement part =
            read_part(quarters, first + i * quarters->slices / parts,
                      first + (i + 1) * quarters->slices / parts);

        if (!part.known || (double)part.samples < needed)
            return false;
        ret_quarter->values[i] = part.value;
        ret_quarter->above += part.above;
        ret_quarter->samples += part.samples;
        ret_quarter->unit = part.unit;
    }
    return true;
}

/* As many parts as have values. Returns how many; 0: there are too few observations. */
static size_t read_quarters(const struct quarters *quarters, struct quarter *ret_first,
                            struct quarter *ret_last)
{
    for (size_t parts = MOST_PARTS; parts >= LEAST_PARTS; parts /= 2) {
        if (parts <= quarters->slices && read_quarter(quarters, 0, parts, ret_first) &&
            read_quarter(quarters, quarters->count - quarters->slices, parts, ret_last))
            return parts;
    }
    return 0;
}

/* Slices that lie behind the load, or behind what is measured, are not whole. */
static size_t whole_slices(const struct drift *drift, uint64_t load_end_ns)
{
    const uint64_t end_ns = load_end_ns < drift->end_ns ? load_end_ns : drift->end_ns;
    const uint64_t count =
        end_ns > drift->start_ns ? (end_ns - drift->start_ns) / drift->slice_ns : 0;

    return count < DRIFT_SLICES ? count : DRIFT_SLICES;
}

static struct threshold_judgement judge_change(const struct quarter *first,
                                               const struct quarter *last, size_t parts,
                                               const char *phase)
{
    const struct welch welch = welch_of(first->values, parts, last->values, parts);
    /* A share of 0 can only be compared in points. */
    const double scale = first->unit == THRESHOLD_UNIT_FRACTION ? 1 : welch.first;

    if (!(scale > 0) || first->above * 2 > parts)
        return (struct threshold_judgement){
            .lack = "the first quarter has no value that another could be compared with"};
    return (struct threshold_judgement){.known = true,
                                        .above = last->above * 2 > parts,
                                        .unit = THRESHOLD_UNIT_FRACTION,
                                        .samples = first->samples + last->samples,
                                        .value = (welch.last - welch.first) / scale,
                                        .change = {.phase = phase,
                                                   .unit = first->unit,
                                                   .first = welch.first,
                                                   .last = welch.last,
                                                   .low = welch.low / scale,
                                                   .high = welch.high / scale}};
}

struct threshold_judgement threshold_of_drift(const struct threshold *threshold,
                                              const struct plan_threshold *from,
                                              const struct reading *reading)
{
    const struct drift *drift = recorder_drift(reading->recorder, from->selector);
    struct quarters quarters = {.threshold = threshold,
                                .metric = from->metric,
                                .reading = reading,
                                .drift = drift};
    struct quarter first = {.above = 0};
    struct quarter last = {.above = 0};
    size_t parts = 0;

    if (!drift || !*drift->phase)
        return (struct threshold_judgement){.lack = "there was no sustained phase"};
    quarters.count =
        whole_slices(drift, recorder_planned_ns(reading->recorder, reading->load_end_ns));
    quarters.slices = quarters.count / 4;
    if (quarters.slices < LEAST_PARTS)
        return (struct threshold_judgement){
            .lack = "the sustained phase was too short to have quarters"};
    parts = read_quarters(&quarters, &first, &last);
    if (parts > 0)
        return judge_change(&first, &last, parts, drift->phase);
    return (struct threshold_judgement){
        .ignored = read_part(&quarters, 0, quarters.count).ignored,
        .unit = THRESHOLD_UNIT_FRACTION,
        .lack = "a quarter of the sustained phase has too few observations"};
}

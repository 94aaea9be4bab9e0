/*
 * What scripts and loads tell a recorder beside requests: the scenario's own metrics, checks, groups,
 * iterations and arrivals.
 */
#include <assert.h>

#include "measure/recorder_state.h"
#include "plan/plan.h"

/* None of it has a moment of its own: that of what was started or ended last stands for it. */
static void add_to_slice(struct recorder *recorder, struct drift *drift, enum part part,
                         series_add_fn *add, const void *what)
{
    struct series *slice =
        recorder_slice(recorder, drift, part, recorder->in_flight.at_ns);

    if (slice)
        recorder->lost += !add(recorder, slice, what);
}

/*
 * Adds to all series that a label set counts in. check: of what is one; a selection that names a
 * check takes nothing else, and those that name a size of prompts nothing at all.
 */
static void add_everywhere(struct recorder *recorder, uint32_t labels, enum part part,
                           const char *check, series_add_fn *add, const void *what)
{
    const struct route *route =
        dimensions_route(&recorder->dimensions, recorder->labels, labels, part);
    uint64_t bits = recorder_selections(recorder, part, labels);

    recorder->lost += !add(recorder, &recorder->total[part], what);
    add_to_slice(recorder, recorder->drift, part, add, what);
    recorder->lost += !add(recorder, recorder->interval, what);
    recorder->lost += !route;
    excerpt_add(recorder->excerpt, labels, check, add, what);
    for (size_t i = 0; route && i < route->count; i++)
        recorder->lost += !add(recorder, route->series[i], what);
    while (bits) {
        struct selection *selection = selections_next(&recorder->selections, &bits);

        if (!selection_takes_check(selection, check))
            continue;
        recorder->lost += !add(recorder, &selection->series, what);
        add_to_slice(recorder, selection->drift, part, add, what);
    }
}

static bool add_value(const struct recorder *recorder, struct series *series,
                      const void *what)
{
    return series_custom(series, recorder->options.plan, what);
}

void recorder_metric(struct recorder *recorder, uint32_t metric, uint32_t labels,
                     bool in_window, double value)
{
    const struct custom_value seen = {
        .metric = metric, .value = value, .order = ++recorder->custom_values};

    assert(metric < recorder->options.plan->metric_count);
    add_everywhere(recorder, labels, part_of(in_window), NULL, add_value, &seen);
}

static bool add_check(const struct recorder *recorder, struct series *series,
                      const void *what)
{
    const bool *passed = what;

    (void)recorder;
    series->counters.checks_passed += *passed;
    series->counters.checks_failed += !*passed;
    return true;
}

void recorder_checked(struct recorder *recorder, uint32_t labels, bool in_window,
                      const char *check, bool passed)
{
    const char *step = labels_value(recorder->labels, labels, "step");
    const enum part part = part_of(in_window);

    add_everywhere(recorder, labels, part, check, add_check, &passed);
    recorder->lost += !checks_add(&recorder->checks, step ? step : DIMENSION_OTHER, check,
                                  part, passed);
}

static bool add_group(const struct recorder *recorder, struct series *series,
                      const void *what)
{
    const uint64_t *duration_ns = what;

    (void)recorder;
    return series_record(series, METRIC_GROUP_DURATION, *duration_ns);
}

void recorder_group(struct recorder *recorder, uint32_t labels, bool in_window,
                    uint64_t duration_ns)
{
    add_everywhere(recorder, labels, part_of(in_window), NULL, add_group, &duration_ns);
}

static bool add_iteration(const struct recorder *recorder, struct series *series,
                          const void *what)
{
    const uint64_t *duration_ns = what;

    (void)recorder;
    series->counters.iterations++;
    return series_record(series, METRIC_ITERATION_DURATION, *duration_ns);
}

void recorder_iteration(struct recorder *recorder, uint32_t labels, bool in_window,
                        uint64_t duration_ns)
{
    add_everywhere(recorder, labels, part_of(in_window), NULL, add_iteration,
                   &duration_ns);
}

static bool count_arrival(const struct recorder *recorder, struct series *series,
                          const void *what)
{
    (void)recorder;
    (void)what;
    series->counters.arrivals++;
    return true;
}

void recorder_arrival(struct recorder *recorder, uint32_t labels, bool in_window)
{
    add_everywhere(recorder, labels, part_of(in_window), NULL, count_arrival, NULL);
}

static bool add_taken(const struct recorder *recorder, struct series *series,
                      const void *what)
{
    const uint64_t *wait_ns = what;

    (void)recorder;
    series->counters.arrivals_taken++;
    return *wait_ns == 0 || series_record(series, METRIC_ARRIVAL_WAIT, *wait_ns);
}

void recorder_arrival_taken(struct recorder *recorder, uint32_t labels, bool in_window,
                            uint64_t wait_ns)
{
    add_everywhere(recorder, labels, part_of(in_window), NULL, add_taken, &wait_ns);
}

/* What one that nobody took says, all of it censored. */
struct dropped {
    struct observation observations[3];
    size_t count;
};

static bool add_dropped(const struct recorder *recorder, struct series *series,
                        const void *what)
{
    const struct dropped *dropped = what;

    (void)recorder;
    series->counters.dropped_iterations++;
    return series_observe(series, dropped->observations, dropped->count) == 0;
}

void recorder_arrival_dropped(struct recorder *recorder, uint32_t labels, bool in_window,
                              uint64_t waited_ns, bool streams)
{
    const struct dropped dropped = {
        .observations = {{METRIC_ARRIVAL_WAIT, true, waited_ns},
                         {METRIC_E2E_FROM_DUE, true, waited_ns},
                         {METRIC_TTFT_FROM_DUE, true, waited_ns}},
        .count = streams ? 3 : 2,
    };

    add_everywhere(recorder, labels, part_of(in_window), NULL, add_dropped, &dropped);
}

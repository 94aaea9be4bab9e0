#include "measure/recorder.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "measure/recorder_state.h"
#include "plan/plan.h"

static struct series_sum *sum_new(enum histogram_digits digits)
{
    struct series_sum *sum = calloc(1, sizeof(*sum));

    if (sum)
        series_init(&sum->scratch, digits);
    return sum;
}

static struct series_sum *sum_free(struct series_sum *sum)
{
    if (sum)
        series_deinit(&sum->scratch);
    free(sum);
    return NULL;
}

/* Series that Prometheus is shown of the plan's own: quantiles of a trend with sum and count. */
#define SERIES_OF_METRIC 6
#define SERIES_OF_CHECK 2

static size_t own_series(const struct recorder *recorder)
{
    const struct plan *plan = recorder->options.plan;

    return plan->phase_count + plan->metric_count * SERIES_OF_METRIC +
           recorder->checks.count * SERIES_OF_CHECK;
}

int recorder_new(const struct recorder_options *options, struct recorder **ret_recorder)
{
    const uint64_t max_series = options->plan->max_series;
    struct recorder *recorder = calloc(1, sizeof(*recorder));

    if (!recorder)
        return -ENOMEM;
    recorder->options = *options;
    people_init(&recorder->people, options->plan->worker_count);
    for (size_t i = 0; i < PART_COUNT; i++) {
        series_init(&recorder->total[i], HISTOGRAM_FINE);
        series_init(&recorder->intervals[i], HISTOGRAM_COARSE);
    }
    dimensions_init(&recorder->dimensions);
    selections_init(&recorder->selections, options->plan);
    recorder->interval = &recorder->intervals[0];
    recorder->interval_start_ns = options->started_ns;
    level_init(&recorder->in_flight, options->started_ns);
    level_init(&recorder->active_users, options->started_ns);
    recorder->total_sum = sum_new(HISTOGRAM_FINE);
    recorder->value_sum = sum_new(HISTOGRAM_COARSE);
    if (!recorder->total_sum || !recorder->value_sum ||
        checks_init(&recorder->checks, options->plan) < 0 ||
        arm_book_init(&recorder->arms, options->plan, options->window_start_ns) < 0 ||
        tally_init(&recorder->tally, SNAPSHOT_MAX_SERIES, own_series(recorder)) < 0 ||
        recoveries_init(&recorder->recoveries, options->plan, options->started_ns) < 0 ||
        recorder_follow_drifts(recorder, options->plan, options->started_ns) < 0 ||
        labels_new(max_series ? max_series : 1, &recorder->labels) < 0) {
        recorder_free(recorder);
        return -ENOMEM;
    }
    *ret_recorder = recorder;
    return 0;
}

struct recorder *recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return NULL;
    for (size_t i = 0; i < PART_COUNT; i++)
        series_deinit(&recorder->total[i]);
    for (size_t i = 0; i < 2; i++)
        series_deinit(&recorder->intervals[i]);
    sum_free(recorder->total_sum);
    sum_free(recorder->value_sum);
    dimensions_deinit(&recorder->dimensions);
    drift_free(recorder->drift);
    selections_deinit(&recorder->selections);
    recoveries_deinit(&recorder->recoveries);
    turns_deinit(&recorder->turns);
    people_deinit(&recorder->people);
    peers_deinit(&recorder->peers);
    checks_deinit(&recorder->checks);
    arm_book_deinit(&recorder->arms);
    tally_deinit(&recorder->tally);
    labels_free(recorder->labels);
    labels_free(recorder->names);
    free(recorder);
    return NULL;
}

const struct recorder_options *recorder_options(const struct recorder *recorder)
{
    return &recorder->options;
}

struct labels *recorder_labels(const struct recorder *recorder)
{
    return recorder->labels;
}

bool recorder_in_window(const struct recorder *recorder, uint64_t due_ns)
{
    return due_ns >= recorder->options.window_start_ns &&
           due_ns < recorder->options.window_end_ns;
}

static void record(struct recorder *recorder, struct series *series, enum metric metric,
                   uint64_t value_ns)
{
    recorder->lost += !series_record(series, metric, value_ns);
}

static void record_in_totals(struct recorder *recorder, enum part part,
                             enum metric metric, uint64_t value_ns)
{
    record(recorder, &recorder->total[part], metric, value_ns);
    record(recorder, recorder->interval, metric, value_ns);
}

void recorder_started(struct recorder *recorder, uint64_t now_ns, uint32_t labels,
                      bool in_window)
{
    assert(labels < labels_count(recorder->labels));
    recorder->total[part_of(in_window)].counters.started++;
    recorder->interval->counters.started++;
    level_set(&recorder->in_flight, now_ns, recorder->in_flight.value + 1);
    excerpt_started(recorder->excerpt, labels);
}

uint64_t recorder_selections(struct recorder *recorder, enum part part, uint32_t labels)
{
    uint64_t mask;

    if (part != PART_WINDOW)
        return 0;
    mask = selections_of(&recorder->selections, recorder->labels, labels);
    recorder->lost += mask == 0;
    return mask & ~SELECTION_KNOWN;
}

/* What is told without its moment lies in the slice of what was started or ended last. */
static void record_in_slice(struct recorder *recorder, struct drift *drift,
                            enum part part, enum metric metric, uint64_t value_ns)
{
    struct series *slice =
        recorder_slice(recorder, drift, part, recorder->in_flight.at_ns);

    if (slice)
        record(recorder, slice, metric, value_ns);
}

static void select_gap(struct recorder *recorder, enum part part, uint32_t labels,
                       uint64_t gap_ns)
{
    uint64_t bits = recorder_selections(recorder, part, labels);

    while (bits) {
        struct selection *selection = selections_next(&recorder->selections, &bits);

        if (!selection_takes_check(selection, NULL))
            continue;
        record(recorder, &selection->series, METRIC_ICL, gap_ns);
        record_in_slice(recorder, selection->drift, part, METRIC_ICL, gap_ns);
    }
}

void recorder_gap(struct recorder *recorder, uint32_t labels, bool in_window,
                  uint64_t gap_ns)
{
    const enum part part = part_of(in_window);
    const struct route *route =
        dimensions_route(&recorder->dimensions, recorder->labels, labels, part);

    record_in_totals(recorder, part, METRIC_ICL, gap_ns);
    record_in_slice(recorder, recorder->drift, part, METRIC_ICL, gap_ns);
    select_gap(recorder, part, labels, gap_ns);
    excerpt_gap(recorder->excerpt, labels, gap_ns);
    recorder->lost += !tally_gap(&recorder->tally, recorder->labels, labels, gap_ns);
    if (!route) {
        recorder->lost++;
        return;
    }
    for (size_t i = 0; i < route->count; i++)
        record(recorder, route->series[i], METRIC_ICL, gap_ns);
}

void recorder_gap_width(struct recorder *recorder, bool in_window, uint64_t width_ns)
{
    record_in_totals(recorder, part_of(in_window), METRIC_ICL_WIDTH, width_ns);
    excerpt_client(recorder->excerpt, METRIC_ICL_WIDTH, width_ns);
}

void recorder_client_delay(struct recorder *recorder, bool in_window, uint64_t delay_ns)
{
    record_in_totals(recorder, part_of(in_window), METRIC_CLIENT_DELAY, delay_ns);
    excerpt_client(recorder->excerpt, METRIC_CLIENT_DELAY, delay_ns);
    tally_client(&recorder->tally, BUCKETS_CLIENT_DELAY, delay_ns);
}

void recorder_loop_lag(struct recorder *recorder, uint64_t now_ns, uint64_t lag_ns)
{
    record_in_totals(recorder, part_of(recorder_in_window(recorder, now_ns)),
                     METRIC_LOOP_LAG, lag_ns);
    excerpt_client(recorder->excerpt, METRIC_LOOP_LAG, lag_ns);
    tally_client(&recorder->tally, BUCKETS_LOOP_LAG, lag_ns);
}

void recorder_add_stall(struct recorder *recorder, uint64_t from_ns, uint64_t to_ns)
{
    const struct recorder_options *options = &recorder->options;
    struct stall_counts *stalls = &recorder->stalls;

    if (from_ns < options->window_start_ns)
        from_ns = options->window_start_ns;
    if (to_ns > options->window_end_ns)
        to_ns = options->window_end_ns;
    if (to_ns <= from_ns)
        return;
    stalls->count++;
    stalls->total_ns += to_ns - from_ns;
    if (to_ns - from_ns > stalls->longest_ns)
        stalls->longest_ns = to_ns - from_ns;
}

void recorder_stall(struct recorder *recorder, uint64_t from_ns, uint64_t to_ns)
{
    recorder_add_stall(recorder, from_ns, to_ns);
    excerpt_stall(recorder->excerpt, from_ns, to_ns);
}

void recorder_due(struct recorder *recorder, bool in_window, uint64_t due_ns)
{
    if (in_window)
        burst_add(&recorder->burst, due_ns);
}

static void add_sample(struct recorder *recorder, struct series *series,
                       const struct excerpt_attempt *ended)
{
    series_count_sample(series, ended->sample);
    recorder->lost += series_observe(series, ended->observations, ended->count);
}

static void add_sample_to_value(struct recorder *recorder, struct series *series,
                                const struct excerpt_attempt *ended)
{
    if (!series) {
        recorder->lost++;
        return;
    }
    series->counters.started++;
    add_sample(recorder, series, ended);
}

/* Adds it with its parts: to the total, to a selection, to a slice of either. */
static void add_whole_sample(struct recorder *recorder, struct series *series,
                             const struct excerpt_attempt *ended)
{
    add_sample(recorder, series, ended);
    recorder->lost += series_observe_parts(series, ended->parts, ended->part_count);
}

static void slice_sample(struct recorder *recorder, struct drift *drift, enum part part,
                         const struct excerpt_attempt *ended)
{
    struct series *slice = recorder_slice(recorder, drift, part, ended->sample->due_ns);

    if (slice)
        add_whole_sample(recorder, slice, ended);
}

static void select_sample(struct recorder *recorder, enum part part,
                          const struct excerpt_attempt *ended)
{
    const struct sample *sample = ended->sample;
    uint64_t bits = recorder_selections(recorder, part, sample->labels);

    while (bits) {
        struct selection *selection = selections_next(&recorder->selections, &bits);

        if (!selection_takes_size(selection, sample->prompt_tokens))
            continue;
        selection->series.counters.started++;
        add_whole_sample(recorder, &selection->series, ended);
        slice_sample(recorder, selection->drift, part, ended);
    }
}

/* Spikes end when the plan says, on the load's clock. */
static bool add_recovery(struct recorder *recorder, const struct sample *sample)
{
    struct sample moved;

    if (recorder->options.pauses.count == 0 || recorder->recoveries.count == 0)
        return recoveries_add(&recorder->recoveries, sample);
    moved = *sample;
    moved.due_ns = recorder_planned_ns(recorder, sample->due_ns);
    return recoveries_add(&recorder->recoveries, &moved);
}

void recorder_sample(struct recorder *recorder, const struct sample *sample)
{
    const enum part part = part_of(sample->flags & SAMPLE_IN_WINDOW);
    const struct route *route =
        dimensions_route(&recorder->dimensions, recorder->labels, sample->labels, part);
    struct observation observations[METRIC_COUNT];
    struct observation parts[OBSERVE_PARTS];
    const struct excerpt_attempt ended = {
        .sample = sample,
        .observations = observations,
        .count = observe_sample(sample, observations),
        .parts = parts,
        .part_count = observe_parts(sample, parts),
    };

    add_whole_sample(recorder, &recorder->total[part], &ended);
    slice_sample(recorder, recorder->drift, part, &ended);
    add_sample(recorder, recorder->interval, &ended);
    select_sample(recorder, part, &ended);
    excerpt_sample(recorder->excerpt, &ended);
    recorder->lost += !route;
    for (size_t i = 0; route && i < route->count; i++)
        add_sample_to_value(recorder, route->series[i], &ended);
    if (sample->prompt_tokens)
        add_sample_to_value(
            recorder,
            dimensions_prompt_size(&recorder->dimensions, sample->prompt_tokens, part),
            &ended);
    recorder->lost += !add_recovery(recorder, sample);
    recorder->lost += !people_add(&recorder->people, sample, observations, ended.count);
    if (recorder->options.plan->platform.is_used)
        isolation_book_add(&recorder->isolation, recorder->labels, sample);
    recorder->lost += !peers_add(&recorder->peers, recorder->labels, sample);
    recorder->lost += !tally_sample(&recorder->tally, recorder->labels, sample,
                                    ended.observations, ended.count);
    if (part == PART_WINDOW)
        recorder->lost +=
            !arm_book_add(&recorder->arms, recorder->options.plan, recorder->labels,
                          sample, observations, ended.count);
    if (part == PART_WINDOW)
        recorder->lost +=
            !turns_add(&recorder->turns, sample, ended.observations, ended.count);

    level_set(&recorder->in_flight, sample->end_ns, recorder->in_flight.value - 1);
    recorder->latency_sum_s +=
        ((double)sample->end_ns - (double)sample->sent_ns) / (double)NS_PER_S;
}

void recorder_end_arms(struct recorder *recorder, uint64_t end_ns)
{
    arm_book_end(&recorder->arms, end_ns < recorder->options.window_end_ns
                                      ? end_ns
                                      : recorder->options.window_end_ns);
}

static void add_operation(struct recorder *recorder, struct series *series,
                          const struct operation *operation,
                          const struct observation *observation)
{
    series_count_operation(series, operation);
    recorder->lost += series_observe(series, observation, 1);
}

static void slice_operation(struct recorder *recorder, struct drift *drift,
                            enum part part, const struct operation *operation,
                            const struct observation *observation)
{
    struct series *slice = recorder_slice(recorder, drift, part, operation->due_ns);

    if (slice)
        add_operation(recorder, slice, operation, observation);
}

static void select_operation(struct recorder *recorder, enum part part,
                             const struct operation *operation,
                             const struct observation *observation)
{
    uint64_t bits = recorder_selections(recorder, part, operation->labels);

    while (bits) {
        struct selection *selection = selections_next(&recorder->selections, &bits);

        if (!selection_takes_check(selection, NULL))
            continue;
        add_operation(recorder, &selection->series, operation, observation);
        slice_operation(recorder, selection->drift, part, operation, observation);
    }
}

void recorder_operation(struct recorder *recorder, const struct operation *operation)
{
    const enum part part = part_of(operation->in_window);
    const struct route *route = dimensions_route(&recorder->dimensions, recorder->labels,
                                                 operation->labels, part);
    const struct observation observation = observe_operation(operation);

    add_operation(recorder, &recorder->total[part], operation, &observation);
    slice_operation(recorder, recorder->drift, part, operation, &observation);
    add_operation(recorder, recorder->interval, operation, &observation);
    select_operation(recorder, part, operation, &observation);
    excerpt_operation(recorder->excerpt, operation, &observation);
    recorder->lost += !route;
    for (size_t i = 0; route && i < route->count; i++)
        add_operation(recorder, route->series[i], operation, &observation);
    recorder->lost += !tally_operation(&recorder->tally, recorder->labels, operation);
}

void recorder_users(struct recorder *recorder, uint64_t now_ns, struct user_counts users)
{
    level_set(&recorder->active_users, now_ns, (int64_t)users.active);
    recorder->users = users;
    excerpt_users(recorder->excerpt, &users);
    if (users.active > recorder->users_peak)
        recorder->users_peak = users.active;
}

void recorder_pause(struct recorder *recorder, uint64_t drawn_ns, uint64_t achieved_ns)
{
    recorder->pauses++;
    recorder->drawn_pause_ns += drawn_ns;
    recorder->achieved_pause_ns += achieved_ns;
}

void recorder_questions(struct recorder *recorder, uint64_t sent, uint64_t unique)
{
    recorder->questions = sent;
    recorder->unique_questions = unique;
}

void recorder_length(struct recorder *recorder, enum length_of kind,
                     uint64_t asked_tokens, uint64_t told_tokens)
{
    lengths_add(&recorder->lengths[kind], asked_tokens, told_tokens);
}

/* The mean of a level since an integral of *from_s; *from_s moves on to now. */
static double mean_since(const struct level *level, uint64_t now_ns, double passed_s,
                         double *from_s)
{
    const double before_s = *from_s;

    *from_s = level_integral_s(level, now_ns);
    return passed_s > 0 ? (*from_s - before_s) / passed_s : (double)level->value;
}

void recorder_close_interval(struct recorder *recorder, uint64_t now_ns,
                             struct interval_view *ret_interval)
{
    struct series *closed = recorder->interval;
    const uint64_t start_ns = recorder->interval_start_ns;
    const double passed_s = (double)(now_ns - start_ns) / (double)NS_PER_S;

    *ret_interval = (struct interval_view){
        .start_ns = start_ns,
        .end_ns = now_ns,
        .total = series_view_of(closed),
        .users = recorder->users,
        .mean_active_users = mean_since(&recorder->active_users, now_ns, passed_s,
                                        &recorder->interval_active_s),
        .mean_in_flight = mean_since(&recorder->in_flight, now_ns, passed_s,
                                     &recorder->interval_in_flight_s),
    };
    recorder->interval = &recorder->intervals[closed == &recorder->intervals[0] ? 1 : 0];
    series_reset(recorder->interval);
    recorder->interval_start_ns = now_ns;
}

#include "engine/capacity_level.h"

#include <math.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "measure/backend_book.h"
#include "measure/excerpt.h"
#include "measure/metric.h"
#include "plan/plan.h" // IWYU pragma: keep: its thresholds are counted through

/* An open loop must do at least so much of what arrives. */
#define ACHIEVED 0.95
/* A closed one at least so much of what it did at a lower level. */
#define COLLAPSED 0.8
/*
 * How many are at work goes up and down by chance, by about the root of their number: so many of these may
 * be missing from what was done.
 */
#define CHANCE 2.0

static double in_flight_s(const struct level_hold *hold, uint64_t now_ns)
{
    struct client_view client;

    recorder_client(hold->recorder, now_ns, &client);
    return client.in_flight_integral_s;
}

int level_hold_begin(struct level_hold *hold, const char *phase, uint64_t now_ns)
{
    hold->start_ns = now_ns;
    hold->end_ns = 0;
    hold->at_start = recorder_counters(hold->recorder, RECORDER_ALL);
    hold->in_flight_start_s = in_flight_s(hold, now_ns);
    return excerpt_new(hold->recorder, hold->plan, phase, now_ns, &hold->excerpt);
}

void level_hold_end(struct level_hold *hold, uint64_t now_ns)
{
    hold->end_ns = now_ns;
    hold->at_end = recorder_counters(hold->recorder, RECORDER_ALL);
    hold->in_flight_end_s = in_flight_s(hold, now_ns);
    excerpt_close(hold->excerpt, now_ns);
}

void level_hold_close(struct level_hold *hold)
{
    hold->excerpt = excerpt_free(hold->excerpt);
}

uint64_t level_hold_pending(const struct level_hold *hold)
{
    return excerpt_pending(hold->excerpt);
}

/* In ms, NAN where it is not known. What is only known to be more is told as that. */
static double quantile_ms(const struct series_view *series, enum metric metric, double q)
{
    const struct histogram *histogram = series->histograms[metric];
    struct histogram_quantile quantile;

    if (!histogram || histogram_count(histogram) + histogram_censored(histogram) == 0)
        return (double)NAN;
    quantile = histogram_quantile(histogram, q);
    return (double)quantile.value_ns / (double)NS_PER_MS;
}

static double mean_ms(const struct series_view *series, enum metric metric)
{
    const struct histogram *histogram = series->histograms[metric];

    if (!histogram || histogram_count(histogram) + histogram_censored(histogram) == 0)
        return (double)NAN;
    return histogram_mean_least_ns(histogram) / (double)NS_PER_MS;
}

/* The sum of what is known; NAN where nothing is. */
static double plus(double sum, double value)
{
    if (isnan(sum))
        return value;
    return isnan(value) ? sum : sum + value;
}

/* One server, and the stretch of time that is looked at. */
struct backend_means {
    const struct backend_book *book;
    size_t index;
    uint64_t from_ns;
    uint64_t to_ns;
};

static double mean_of(const struct backend_means *means, enum backend_metric metric)
{
    return backend_book_mean(means->book, means->index, metric, means->from_ns,
                             means->to_ns);
}

/* What servers told of the hold by themselves. */
static void fill_servers(const struct level_hold *hold, uint64_t end_ns,
                         struct capacity_level *level)
{
    const struct backend_book *book = recorder_options(hold->recorder)->backends;

    level->server_running = (double)NAN;
    level->server_waiting = (double)NAN;
    level->server_preemptions_per_s = (double)NAN;
    level->server_kv_cache_usage = (double)NAN;
    for (size_t i = 0; i < backend_book_count(book); i++) {
        const struct backend_means means = {
            .book = book, .index = i, .from_ns = hold->start_ns, .to_ns = end_ns};

        level->server_running =
            plus(level->server_running, mean_of(&means, BACKEND_RUNNING));
        level->server_waiting =
            plus(level->server_waiting, mean_of(&means, BACKEND_WAITING));
        level->server_preemptions_per_s = plus(level->server_preemptions_per_s,
                                               mean_of(&means, BACKEND_PREEMPTION_RATE));
        level->server_kv_cache_usage =
            fmax(level->server_kv_cache_usage, mean_of(&means, BACKEND_KV_CACHE_USAGE));
    }
}

static void fill_figures(const struct level_hold *hold, uint64_t now_ns,
                         struct capacity_level *level)
{
    const struct series_view series =
        recorder_total(excerpt_figures(hold->excerpt), RECORDER_WINDOW);
    const struct counters *counters = series.counters;
    const struct counters at_end =
        hold->end_ns ? hold->at_end : recorder_counters(hold->recorder, RECORDER_ALL);
    const double in_flight_end_s =
        hold->end_ns ? hold->in_flight_end_s : in_flight_s(hold, now_ns);
    const uint64_t end_ns = hold->end_ns ? hold->end_ns : now_ns;

    level->hold_s = (double)(end_ns - hold->start_ns) / (double)NS_PER_S;
    level->requests = counters->ok + counters->degraded + counters->failed;
    level->failed = counters->failed;
    level->rate_limited = counters->outcomes[OUTCOME_RATE_LIMITED];
    level->pending = level_hold_pending(hold);
    level->ttft_p50_ms = quantile_ms(&series, METRIC_TTFT, 0.5);
    level->ttft_p95_ms = quantile_ms(&series, METRIC_TTFT, 0.95);
    level->tpot_p50_ms = quantile_ms(&series, METRIC_TPOT, 0.5);
    level->e2e_mean_ms = mean_ms(&series, METRIC_E2E);
    level->e2e_p95_ms = quantile_ms(&series, METRIC_E2E, 0.95);
    fill_servers(hold, end_ns, level);
    if (level->hold_s <= 0)
        return;
    level->done_per_s = (double)(at_end.ok + at_end.degraded - hold->at_start.ok -
                                 hold->at_start.degraded) /
                        level->hold_s;
    level->tokens_per_s =
        (double)(at_end.completion_tokens - hold->at_start.completion_tokens) /
        level->hold_s;
    level->in_flight = (in_flight_end_s - hold->in_flight_start_s) / level->hold_s;
    level->achieved_per_s =
        (double)(at_end.iterations - hold->at_start.iterations) / level->hold_s;
    level->arrived_per_s =
        hold->report->by_rate
            ? (double)(at_end.arrivals - hold->at_start.arrivals) / level->hold_s
            : (double)NAN;
    level->dropped = at_end.dropped_iterations - hold->at_start.dropped_iterations;
}

/* The most that was done at a level of less load that held. */
static double most_below(const struct capacity_report *report, double load)
{
    double most = 0;

    for (size_t i = 0; i < report->level_count; i++) {
        const struct capacity_level *level = &report->levels[i];

        if (capacity_is_trial(level) && level->held && level->load < load)
            most = fmax(most, level->done_per_s);
    }
    return most;
}

static enum capacity_breach find_breach(const struct capacity_report *report,
                                        const struct capacity_level *level)
{
    const double arrived = level->arrived_per_s * level->hold_s;
    const double achieved = level->achieved_per_s * level->hold_s;

    if (report->by_rate)
        return achieved < ACHIEVED * arrived - CHANCE * sqrt(level->in_flight)
                   ? CAPACITY_BEHIND
                   : CAPACITY_NO_BREACH;
    return level->done_per_s < COLLAPSED * most_below(report, level->load)
               ? CAPACITY_COLLAPSED
               : CAPACITY_NO_BREACH;
}

/*
 * The search's own limit of errors is no promise of the scenario's: it holds as soon as it does by what was
 * seen, since to be sure of 1% takes hundreds of requests; it breaks only when that is sure.
 */
static void soften(struct threshold_certainty *slo, uint64_t pending)
{
    const double most = slo->may_miss * (double)(slo->of + pending);

    if (slo->certainty == CERTAINTY_UNDECIDED && slo->is_count &&
        (double)(slo->missed + pending) <= most)
        slo->certainty = CERTAINTY_HOLDS;
}

static void judge_slos(const struct level_hold *hold, uint64_t end_ns, uint64_t pending,
                       double error, struct capacity_level *level)
{
    const struct capacity_report *report = hold->report;

    level->certainty = CERTAINTY_HOLDS;
    level->held = true;
    for (size_t i = 0; i < report->slo_count; i++) {
        struct threshold_certainty *slo = &level->slos[i];

        *slo = threshold_certainty_of(&report->slos[i], excerpt_figures(hold->excerpt),
                                      end_ns, NULL, pending, error);
        if (i == report->own_slo)
            soften(slo, pending);
        level->held = level->held &&
                      (slo->certainty == CERTAINTY_HOLDS ||
                       (slo->certainty == CERTAINTY_UNDECIDED && slo->leans_to_holding));
        if (slo->certainty == CERTAINTY_BREAKS)
            level->certainty = CERTAINTY_BREAKS;
        else if (slo->certainty == CERTAINTY_UNDECIDED &&
                 level->certainty == CERTAINTY_HOLDS)
            level->certainty = CERTAINTY_UNDECIDED;
    }
    level->held = level->held && level->certainty != CERTAINTY_BREAKS;
}

void level_hold_judge(const struct level_hold *hold, uint64_t now_ns, uint64_t pending,
                      double error, struct capacity_level *level)
{
    const uint64_t end_ns = hold->end_ns ? hold->end_ns : now_ns;
    const struct trust_inputs inputs = {.elapsed_ns = end_ns - hold->start_ns,
                                        .load_end_ns = end_ns};
    struct trust trust;

    fill_figures(hold, now_ns, level);
    judge_slos(hold, end_ns, pending, error, level);
    /* An SLO that breaks says more than that less was done, which may only follow from it. */
    level->breach = level->certainty == CERTAINTY_BREAKS
                        ? CAPACITY_NO_BREACH
                        : find_breach(hold->report, level);
    if (level->breach != CAPACITY_NO_BREACH) {
        level->certainty = CERTAINTY_BREAKS;
        level->held = false;
    }
    trust_of(excerpt_figures(hold->excerpt), &inputs, &trust);
    level->trust = trust.grade;
}

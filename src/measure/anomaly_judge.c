#include "measure/anomaly_judge.h"

#include <math.h>

#include "measure/binomial.h"
#include "measure/course.h"

#define LEAST_PAST_STEPS 15
#define LEAST_PAST_VALUES 50
#define LEAST_VALUES 20
#define LEAST_STREAMS 6
#define LEAST_EXPECTED 20.0 /* requests, of throughput */
#define CHANCE 1e-6
#define PAST_ERROR 0.02 /* the past's share is taken as high as it may be */

#define SPIKE_SHARE 0.25
#define SPIKE_CALM_SHARE 0.15
#define SPIKE_FACTOR 2.0
#define SPIKE_LEAST_MS 20.0
#define TIMES_PAST 3.0
#define PAST_OF_P95                                                                      \
    3.0 /* a past of so many p95 at least: before, it shows the load's beginning */
#define CALM_TIMES_PAST 1.5

#define BURST_FAILED 5
#define BURST_SHARE 0.05
#define BURST_CALM_SHARE 0.025

#define DROP_SHARE 0.5
#define DROP_CALM_SHARE 0.7
#define DROP_OF_LEAST 0.7

#define MIX_CHANGE 0.1 /* of the share of streams */
#define LENGTH_FACTOR 1.5

static double share_of(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

/* Whether so great a share of so many would be chance, had the past's share been as high as it may be. */
static bool is_beyond_chance(double share, uint64_t of, double past_share,
                             uint64_t past_of)
{
    const uint64_t seen = (uint64_t)llround(share * (double)of);
    const uint64_t past_seen = (uint64_t)llround(past_share * (double)past_of);
    const double most = binomial_interval_of(past_seen, past_of, PAST_ERROR).high;

    return binomial_at_least(seen, of, most) < CHANCE;
}

/* What takes longer is above it. */
static size_t limit_of(const struct course_step *past, bool by_time)
{
    const double median_ms = course_bucket_ms(course_quantile(past, 0.5, by_time));
    const double least_ms = fmax(SPIKE_FACTOR * median_ms, median_ms + SPIKE_LEAST_MS);
    const size_t p95 = course_quantile(past, 0.95, by_time);
    const size_t least = course_bucket_of(least_ms);

    return p95 > least ? p95 : least;
}

/* Other requests than before, or longer answers: no wonder that they take longer. */
static bool is_another_mix(const struct course_step *now, const struct course_step *past)
{
    const double streamed = share_of((double)now->streamed, (double)now->over);
    const double past_streamed = share_of((double)past->streamed, (double)past->over);
    const double tokens = share_of((double)now->tokens, (double)now->over);
    const double past_tokens = share_of((double)past->tokens, (double)past->over);

    return fabs(streamed - past_streamed) > MIX_CHANGE ||
           (tokens > 0 && tokens > LENGTH_FACTOR * past_tokens);
}

/* Independent observations: of gaps the streams that they are of. */
static uint64_t size_of(enum anomaly_signal signal, const struct course_step *step)
{
    const uint64_t count = course_count(step);
    const double seconds = course_step_s(step);
    uint64_t streams;

    if (signal != ANOMALY_ICL)
        return count;
    streams = seconds > 0 ? (uint64_t)(step->in_flight_s / seconds) : 0;
    return streams < count ? streams : count;
}

/* The first second of the stretch that is odd by itself. */
static uint64_t first_odd_ns(const struct course *course, size_t steps, size_t limit,
                             bool by_time, uint64_t else_ns)
{
    for (size_t i = course->window_count - steps; i < course->window_count; i++)
        if (course_share_above(&course->window[i], limit, by_time) >= SPIKE_SHARE)
            return course->window[i].start_ns;
    return else_ns;
}

static double past_s(const struct course *course)
{
    double seconds = 0;

    for (size_t i = 0; i < course->past_count; i++)
        seconds += course_step_s(&course->past[i]);
    return seconds;
}

/* Whether the past is long enough to say what is usual. */
static bool is_settled(const struct course *course, uint64_t past_size)
{
    const struct course_step *past = &course->past_sum;
    const double p95_s = course_bucket_ms(course_quantile(past, 0.95, false)) / 1e3;

    return past_size >= LEAST_PAST_VALUES && course_count(past) >= LEAST_PAST_VALUES &&
           past_s(course) >= PAST_OF_P95 * p95_s;
}

static struct anomaly_finding judge_latency(enum anomaly_signal signal,
                                            const struct course *course)
{
    const bool by_time = signal == ANOMALY_ICL;
    const uint64_t least = by_time ? LEAST_STREAMS : LEAST_VALUES;
    const double told = by_time ? 0.5 : 0.95; /* the quantile that people are told */
    const struct course_step *past = &course->past_sum;
    struct course_step now = {0};
    struct anomaly_finding finding = {.state = ANOMALY_UNKNOWN};
    uint64_t past_size = by_time ? past->streamed : course_count(past);
    double past_share;
    size_t limit;
    size_t steps;

    for (steps = 2; steps <= course->window_count; steps++) {
        now = course_recent(course, steps);
        if (size_of(signal, &now) >= least)
            break;
    }
    if (steps > course->window_count || !is_settled(course, past_size) ||
        (signal == ANOMALY_E2E && is_another_mix(&now, past)))
        return finding;
    limit = limit_of(past, by_time);
    past_share = course_share_above(past, limit, by_time);
    finding.share = course_share_above(&now, limit, by_time);
    finding.start_ns = first_odd_ns(course, steps, limit, by_time, now.start_ns);
    finding.end_ns = now.end_ns;
    finding.value = course_bucket_ms(course_quantile(&now, told, by_time));
    finding.expected = course_bucket_ms(course_quantile(past, told, by_time));
    if (finding.share < fmax(SPIKE_CALM_SHARE, CALM_TIMES_PAST * past_share))
        finding.state = ANOMALY_CALM;
    else if (finding.share >= fmax(SPIKE_SHARE, TIMES_PAST * past_share) &&
             is_beyond_chance(finding.share, size_of(signal, &now), past_share,
                              past_size))
        finding.state = ANOMALY_ODD;
    else
        finding.state = ANOMALY_TENSE;
    return finding;
}

static struct anomaly_finding judge_errors(const struct course *course)
{
    const struct course_step *past = &course->past_sum;
    struct anomaly_finding finding = {.state = ANOMALY_UNKNOWN};
    struct course_step now = {0};
    double past_share;

    for (size_t steps = 1; steps <= course->window_count && now.over < LEAST_VALUES;
         steps++)
        now = course_recent(course, steps);
    if (now.over < LEAST_VALUES || past->over < LEAST_PAST_VALUES)
        return finding;
    past_share = share_of((double)past->failed, (double)past->over);
    finding.share = share_of((double)now.failed, (double)now.over);
    finding.value = finding.share;
    finding.expected = past_share;
    finding.start_ns = now.start_ns;
    finding.end_ns = now.end_ns;
    if (finding.share < fmax(BURST_CALM_SHARE, CALM_TIMES_PAST * past_share))
        finding.state = ANOMALY_CALM;
    else if (now.failed >= BURST_FAILED &&
             finding.share >= fmax(BURST_SHARE, TIMES_PAST * past_share) &&
             is_beyond_chance(finding.share, now.over, past_share, past->over))
        finding.state = ANOMALY_ODD;
    else
        finding.state = ANOMALY_TENSE;
    return finding;
}

/*
 * P(X ≤ seen) of a Poisson X with that mean is at most this (Chernoff's bound; Mitzenmacher and Upfal,
 * "Probability and Computing", theorem 5.4).
 */
static double poisson_at_most(double seen, double mean)
{
    return seen < mean ? exp(seen - mean - (seen > 0 ? seen * log(seen / mean) : 0)) : 1;
}

/* The least rate a second of any stretch of so many steps of the past. */
static double least_rate(const struct course *course, size_t steps)
{
    const size_t oldest = course->past_count == COURSE_PAST ? course->past_next : 0;
    double least = INFINITY;

    for (size_t first = 0; first + steps <= course->past_count; first++) {
        double over = 0;
        double seconds = 0;

        for (size_t i = first; i < first + steps; i++) {
            const struct course_step *step = &course->past[(oldest + i) % COURSE_PAST];

            over += (double)step->over;
            seconds += course_step_s(step);
        }
        least = fmin(least, share_of(over, seconds));
    }
    return least;
}

static struct anomaly_finding judge_throughput(const struct course *course)
{
    const struct course_step *past = &course->past_sum;
    const double all_s = past_s(course);
    const double expected = share_of((double)past->over, all_s);
    const double tokens_expected = share_of((double)past->tokens, all_s);
    struct anomaly_finding finding = {.state = ANOMALY_UNKNOWN, .expected = expected};
    struct course_step now = {0};
    double seconds = 0;
    size_t steps;

    for (steps = 2; steps <= course->window_count; steps++) {
        now = course_recent(course, steps);
        seconds = course_step_s(&now);
        if (expected * seconds >= LEAST_EXPECTED)
            break;
    }
    if (steps > course->window_count || !(seconds > 0))
        return finding;
    finding.value = (double)now.over / seconds;
    finding.start_ns = now.start_ns;
    finding.end_ns = now.end_ns;
    if (finding.value >= DROP_CALM_SHARE * expected ||
        (past->tokens > 0 &&
         (double)now.tokens / seconds >= DROP_CALM_SHARE * tokens_expected))
        finding.state = ANOMALY_CALM;
    else if (finding.value <= DROP_SHARE * expected &&
             finding.value < DROP_OF_LEAST * least_rate(course, steps) &&
             poisson_at_most((double)now.over, expected * seconds) < CHANCE)
        finding.state = ANOMALY_ODD;
    else
        finding.state = ANOMALY_TENSE;
    return finding;
}

struct anomaly_finding anomaly_judge(enum anomaly_signal signal,
                                     const struct course *course)
{
    const struct anomaly_finding unknown = {.state = ANOMALY_UNKNOWN};

    if (course->past_count < LEAST_PAST_STEPS)
        return unknown;
    switch (signal) {
    case ANOMALY_TTFT:
    case ANOMALY_ICL:
    case ANOMALY_E2E:
        return judge_latency(signal, course);
    case ANOMALY_ERROR_RATE:
        return judge_errors(course);
    case ANOMALY_THROUGHPUT:
        return judge_throughput(course);
    case ANOMALY_SIGNALS:
        break;
    }
    return unknown;
}

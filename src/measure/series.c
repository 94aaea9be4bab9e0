#include "measure/series.h"

#include <assert.h>
#include <string.h>

#include "measure/cost.h"
#include "measure/stream.h"

void series_init(struct series *series, enum histogram_digits digits)
{
    *series = (struct series){
        .digits = digits, .metrics = UINT64_MAX, .own_metrics = UINT64_MAX};
}

void series_deinit(struct series *series)
{
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++)
        series->histograms[metric] = histogram_free(series->histograms[metric]);
    customs_deinit(&series->customs);
}

void series_reset(struct series *series)
{
    series->counters = (struct counters){0};
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        if (series->histograms[metric])
            histogram_reset(series->histograms[metric]);
    }
    customs_reset(&series->customs);
}

int series_grow(struct series *series, enum metric metric)
{
    return histogram_new(series->digits, &series->histograms[metric]);
}

size_t series_observe(struct series *series, const struct observation *observations,
                      size_t count)
{
    size_t lost = 0;

    for (size_t i = 0; i < count; i++) {
        const struct observation *seen = &observations[i];

        if (!(series->metrics >> seen->metric & 1))
            continue;
        if (!seen->censored)
            lost += !series_record(series, seen->metric, seen->value_ns);
        else if (series->histograms[seen->metric] ||
                 series_grow(series, seen->metric) == 0)
            histogram_record_censored(series->histograms[seen->metric], seen->value_ns);
        else
            lost++;
    }
    return lost;
}

size_t series_observe_parts(struct series *series, const struct observation *parts,
                            size_t count)
{
    size_t lost = 0;

    for (size_t i = 0; i < count; i++) {
        struct histogram **histogram = &series->histograms[parts[i].metric];

        if (!(series->metrics >> parts[i].metric & 1))
            continue;
        if (*histogram || series_grow(series, parts[i].metric) == 0)
            histogram_record_from_zero(*histogram, parts[i].value_ns);
        else
            lost++;
    }
    return lost;
}

bool series_custom(struct series *series, const struct plan *plan,
                   const struct custom_value *value)
{
    const bool kept = value->metric >= 64 || series->own_metrics >> value->metric & 1;

    return !kept || customs_add(&series->customs, plan, series->digits, value);
}

static void count_stream(struct counters *counters, const struct sample *sample)
{
    const enum stream_shape shape = stream_shape_of(sample);

    counters->judged_streams += shape != STREAM_UNJUDGED;
    counters->bunched_streams += shape == STREAM_BUNCHED;
    if (!(sample->flags & SAMPLE_STREAMED) || !outcome_is_whole(sample->outcome) ||
        sample->token_source != TOKENS_USAGE)
        return;
    counters->stream_tokens += sample->completion_tokens;
    counters->stream_chunks += sample->chunks;
}

static void count_generation(struct counters *counters, const struct sample *sample)
{
    if (sample->chunks < 2 || (sample->flags & SAMPLE_GENERATION_UNKNOWN) ||
        sample->last_output_ns <= sample->first_output_ns)
        return;
    counters->generation_ns += sample->last_output_ns - sample->first_output_ns;
    counters->generation_pusd = cost_sum(counters->generation_pusd, sample->cost_pusd);
}

static void count_integrity(struct counters *counters, uint32_t kinds)
{
    counters->unsound += kinds != 0;
    for (enum integrity kind = 0; kinds != 0; kind++, kinds >>= 1)
        counters->integrity[kind] += kinds & 1;
}

static void count_outcome(struct counters *counters, enum outcome outcome)
{
    counters->outcomes[outcome]++;
    counters->ok += outcome == OUTCOME_OK;
    counters->degraded += outcome == OUTCOME_DEGRADED;
    counters->cancelled += outcome == OUTCOME_CANCELLED;
    counters->abandoned += outcome == OUTCOME_ABANDONED;
    counters->sabotaged += outcome == OUTCOME_SABOTAGED;
    counters->failed += outcome_is_failure(outcome);
}

void series_count_sample(struct series *series, const struct sample *sample)
{
    struct counters *counters = &series->counters;
    const bool streamed = sample->flags & SAMPLE_STREAMED;
    const bool cut_short =
        streamed && sample->first_output_ns && outcome_is_withdrawn(sample->outcome);

    count_outcome(counters, sample->outcome);
    counters->streamed += streamed;
    counters->with_output += sample->chunks > 0;
    counters->cut_short += cut_short;
    counters->prompt_tokens += sample->prompt_tokens;
    counters->cached_tokens += sample->cached_tokens;
    counters->completion_tokens += sample->completion_tokens;
    counters->reasoning_tokens += sample->reasoning_tokens;
    if (sample->token_source == TOKENS_ESTIMATED)
        counters->estimated_tokens += sample->prompt_tokens + sample->completion_tokens;
    counters->chunks += sample->chunks;
    counters->reads += sample->reads;
    counters->unresolved_chunks += sample->unresolved_chunks;
    counters->unstamped_chunks += sample->unstamped_chunks;
    if (!(sample->flags & SAMPLE_SLOW_READER)) {
        counters->judged_chunks += sample->chunks;
        counters->unsure_chunks += sample->unsure_chunks;
    }
    counters->generation_unknown += outcome_is_whole(sample->outcome) &&
                                    (sample->flags & SAMPLE_GENERATION_UNKNOWN) != 0;
    counters->bytes_sent += sample->bytes_sent;
    counters->bytes_received += sample->bytes_received;
    counters->on_wire += sample->wire_ns > 0;
    counters->reused += (sample->flags & SAMPLE_REUSED) != 0;
    counters->resent += (sample->flags & SAMPLE_RESENT) != 0;
    counters->retries += sample->attempt > 0;
    counters->retries_of[sample->retry_of] += sample->attempt > 0;
    counters->slow_reads += (sample->flags & SAMPLE_SLOW_READER) != 0;
    counters->delayed += sample->late_ns > 0;
    counters->retransmits += sample->retransmits;
    count_generation(counters, sample);
    count_stream(counters, sample);
    count_integrity(counters, integrity_of(sample));
    counters->cost_pusd = cost_sum(counters->cost_pusd, sample->cost_pusd);
}

static void count_slo(struct counters *counters, const struct operation *operation)
{
    const struct slo_judgement *slo = &operation->slo;

    if (!slo->judged)
        return;
    counters->slo_operations++;
    counters->slo_met += slo->met;
    counters->slo_failed += operation->failed;
    for (uint32_t metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        counters->slo_observed[metric] += slo->observed >> metric & 1;
        counters->slo_missed[metric] += slo->missed >> metric & 1;
    }
}

void series_count_operation(struct series *series, const struct operation *operation)
{
    series->counters.operations++;
    series->counters.operations_failed += operation->failed;
    count_slo(&series->counters, operation);
}

/* All members are 64 bits wide and add up alike, signed or not; only money must not wrap. */
void series_add_counters(struct counters *into, const struct counters *from)
{
    uint64_t sum[sizeof(struct counters) / sizeof(uint64_t)];
    uint64_t more[sizeof(struct counters) / sizeof(uint64_t)];
    const int64_t cost_pusd = cost_sum(into->cost_pusd, from->cost_pusd);
    const int64_t generation_pusd =
        cost_sum(into->generation_pusd, from->generation_pusd);

    static_assert(sizeof(sum) == sizeof(struct counters), "a counter of another width");
    memcpy(sum, into, sizeof(sum));
    memcpy(more, from, sizeof(more));
    for (size_t i = 0; i < sizeof(sum) / sizeof(sum[0]); i++)
        sum[i] += more[i];
    memcpy(into, sum, sizeof(sum));
    into->cost_pusd = cost_pusd;
    into->generation_pusd = generation_pusd;
}

struct series_view series_view_of(const struct series *series)
{
    return (struct series_view){
        .counters = &series->counters,
        .histograms = (const struct histogram *const *)series->histograms,
        .customs = series->customs.each,
    };
}

bool series_add(struct series *into, const struct series *from)
{
    bool kept = true;

    series_add_counters(&into->counters, &from->counters);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct histogram *histogram = from->histograms[metric];

        if (histogram)
            kept = (into->histograms[metric] || series_grow(into, metric) == 0) &&
                   histogram_merge(into->histograms[metric], histogram) == 0 && kept;
    }
    return customs_merge(&into->customs, from->customs.each, from->customs.count,
                         into->digits) &&
           kept;
}

/* Whether the sum of two histograms could be made in into. */
static bool sum_histograms(const struct histogram *a, const struct histogram *b,
                           struct histogram *into)
{
    histogram_reset(into);
    return histogram_merge(into, a) == 0 && histogram_merge(into, b) == 0;
}

struct series_view series_sum(const struct series *a, const struct series *b,
                              struct series_sum *sum)
{
    struct series *scratch = &sum->scratch;

    scratch->counters = a->counters;
    series_add_counters(&scratch->counters, &b->counters);
    for (enum metric metric = 0; metric < METRIC_COUNT; metric++) {
        const struct histogram *one = a->histograms[metric];
        const struct histogram *two = b->histograms[metric];

        if (one && two) {
            if ((scratch->histograms[metric] || series_grow(scratch, metric) == 0) &&
                sum_histograms(one, two, scratch->histograms[metric]))
                one = scratch->histograms[metric];
            else
                sum->lost++;
        }
        sum->histograms[metric] = one ? one : two;
    }
    customs_reset(&scratch->customs);
    sum->lost += !customs_merge(&scratch->customs, a->customs.each, a->customs.count,
                                scratch->digits) ||
                 !customs_merge(&scratch->customs, b->customs.each, b->customs.count,
                                scratch->digits);
    return (struct series_view){
        .counters = &scratch->counters,
        .histograms = sum->histograms,
        .customs = scratch->customs.each,
    };
}

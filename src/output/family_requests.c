/* Families of requests: counters and timings by combinations of labels, and those of each model. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/histogram.h"
#include "measure/slo.h"
#include "output/family_otel.h"
#include "output/family_writers.h"
#include "plan/plan.h"

#define PUSD_PER_USD 1e12
#define NS_PER_S_DOUBLE 1e9
#define KEY_LABELS 5
#define QUANTILE_BYTES 16

/* Labels of a combination, with room for one more. */
struct key_labels {
    struct metric_label each[KEY_LABELS + 1];
};

static struct key_labels key_labels_of(const struct snapshot_key *key)
{
    return (struct key_labels){{{"model", key->model},
                                {"backend", key->backend},
                                {"step", key->step},
                                {"region", key->region},
                                {"org_id", key->org_id}}};
}

/* The cell for all others is shown once something is in it. */
static bool is_empty(const struct count_cell *cell)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < SNAPSHOT_OUTCOMES; i++)
        sum += cell->outcomes[i];
    for (size_t i = 0; i < OUTCOME_COUNT; i++)
        sum += cell->errors[i];
    return sum == 0;
}

/* A value for each name, of each combination. */
static void write_named(struct metric_text *text, const struct count_cell *cell,
                        const char *label, const char *const *names,
                        const uint64_t *values, size_t count, bool with_zeros)
{
    struct key_labels labels = key_labels_of(&cell->key);

    for (size_t i = 0; i < count; i++) {
        if (!with_zeros && values[i] == 0)
            continue;
        labels.each[KEY_LABELS] = (struct metric_label){label, names[i]};
        metric_text_whole(text, "", labels.each, KEY_LABELS + 1, values[i]);
    }
}

void family_write_requests(const struct family *family,
                           const struct exposition *exposition, struct metric_text *text)
{
    static const char *const names[SNAPSHOT_OUTCOMES] = {
        [SNAPSHOT_OK] = "ok",
        [SNAPSHOT_DEGRADED] = "degraded",
        [SNAPSHOT_CANCELLED] = "cancelled",
        [SNAPSHOT_ABANDONED] = "abandoned",
        [SNAPSHOT_SABOTAGED] = "sabotaged",
        [SNAPSHOT_FAILED] = "failed",
    };
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->count_count; i++) {
        const struct count_cell *cell = &snapshot->counts[i];

        if (!is_empty(cell))
            write_named(text, cell, "outcome", names, cell->outcomes, SNAPSHOT_OUTCOMES,
                        true);
    }
}

void family_write_errors(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;
    const char *names[OUTCOME_COUNT];

    (void)family;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        names[outcome] = outcome_name(outcome);
    for (size_t i = 0; i < snapshot->count_count; i++)
        write_named(text, &snapshot->counts[i], "kind", names, snapshot->counts[i].errors,
                    OUTCOME_COUNT, false);
}

void family_write_retries(const struct family *family,
                          const struct exposition *exposition, struct metric_text *text)
{
    const uint64_t *retries = exposition->snapshot.totals.retries_of;

    (void)family;
    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        const struct metric_label label = {"after", outcome_name(outcome)};

        if (retries[outcome] > 0)
            metric_text_whole(text, "", &label, 1, retries[outcome]);
    }
}

void family_write_slo_operations(const struct family *family,
                                 const struct exposition *exposition,
                                 struct metric_text *text)
{
    static const char *const names[] = {"met", "missed"};
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->count_count; i++) {
        const struct count_cell *cell = &snapshot->counts[i];
        const uint64_t results[] = {cell->slo_met, cell->slo_operations - cell->slo_met};

        if (cell->slo_operations > 0)
            write_named(text, cell, "result", names, results, COUNT_OF(names), true);
    }
}

void family_write_slo_missed(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    const struct counters *totals = &exposition->snapshot.totals;

    (void)family;
    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        const struct metric_label label = {"metric",
                                           metric_info(slo_metric(metric))->name};

        if (totals->slo_observed[metric] > 0)
            metric_text_whole(text, "", &label, 1, totals->slo_missed[metric]);
    }
}

void family_write_tokens(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    static const char *const names[SNAPSHOT_TOKENS] = {
        [SNAPSHOT_PROMPT] = "prompt",
        [SNAPSHOT_CACHED] = "cached",
        [SNAPSHOT_COMPLETION] = "completion",
        [SNAPSHOT_REASONING] = "reasoning",
    };
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->count_count; i++) {
        const struct count_cell *cell = &snapshot->counts[i];

        if (!is_empty(cell))
            write_named(text, cell, "type", names, cell->tokens, SNAPSHOT_TOKENS, true);
    }
}

void family_write_cost(const struct family *family, const struct exposition *exposition,
                       struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < snapshot->count_count; i++) {
        const struct count_cell *cell = &snapshot->counts[i];
        const struct key_labels labels = key_labels_of(&cell->key);

        if (!is_empty(cell))
            metric_text_sample(text, "", labels.each, KEY_LABELS,
                               (double)cell->cost_pusd / PUSD_PER_USD);
    }
}

void family_write_timing(const struct family *family, const struct exposition *exposition,
                         struct metric_text *text)
{
    const struct snapshot *snapshot = &exposition->snapshot;

    for (size_t i = 0; i < snapshot->timing_count; i++) {
        const struct timing_cell *cell = &snapshot->timings[i];
        const struct buckets *buckets = &cell->buckets[family->buckets];
        struct key_labels labels = key_labels_of(&cell->key);

        if (family_is_otel(family, exposition) && *cell->key.model)
            continue;
        labels.each[KEY_LABELS - 1].value = ""; /* no organization */
        if (buckets_count(buckets) > 0)
            metric_text_buckets(text, labels.each, KEY_LABELS, buckets,
                                &buckets_scales[family->buckets]);
    }
}

void family_write_ttft_quantiles(const struct family *family,
                                 const struct exposition *exposition,
                                 struct metric_text *text)
{
    static const double quantiles[] = {0.5, 0.9, 0.95, 0.99};
    const struct histogram *ttft = exposition->ttft;
    char name[QUANTILE_BYTES];
    const struct metric_label label = {"quantile", name};

    (void)family;
    for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
        const struct histogram_quantile value = histogram_quantile(ttft, quantiles[i]);

        (void)snprintf(name, sizeof(name), "%g", quantiles[i]);
        if (value.known)
            metric_text_sample(text, "", &label, 1,
                               value.above ? (double)INFINITY
                                           : (double)value.value_ns / NS_PER_S_DOUBLE);
    }
    metric_text_sample(text, "_sum", NULL, 0,
                       histogram_mean_ns(ttft) * (double)histogram_count(ttft) /
                           NS_PER_S_DOUBLE);
    metric_text_whole(text, "_count", NULL, 0, histogram_count(ttft));
}

void family_write_efficiency(const struct family *family,
                             const struct exposition *exposition,
                             struct metric_text *text)
{
    const struct plan *plan = exposition->options.plan;
    const struct snapshot *snapshot = &exposition->snapshot;

    (void)family;
    for (size_t i = 0; i < plan->model_count; i++) {
        const struct plan_model *model = &plan->models[i];
        const struct metric_label label = {"model", model->name};
        struct buckets all = {0};

        for (size_t j = 0; j < snapshot->timing_count; j++)
            if (strcmp(snapshot->timings[j].key.model, model->name) == 0)
                buckets_merge(&all, &snapshot->timings[j].buckets[BUCKETS_TPS]);
        if (model->theoretical_tps > 0 && buckets_count(&all) > 0)
            metric_text_sample(text, "", &label, 1,
                               (double)all.sum / buckets_scales[BUCKETS_TPS].parts /
                                   (double)buckets_count(&all) / model->theoretical_tps);
    }
}

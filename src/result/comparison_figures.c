#include "result/comparison_figures.h"

#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define NS_IN_MS ((double)NS_PER_MS)
#define PUSD 1e-12
#define MILLION 1e6

/* Four figures of a latency; by_value: those that are compared by value too. */
#define LATENCY(name, place, by_value)                                                   \
    {.shown = {name, "p50", "ms", BETTER_LOWER, false},                                  \
     .is_latency = true,                                                                 \
     .latency = (place),                                                                 \
     .quantile = 0.50,                                                                   \
     .per = 1 / NS_IN_MS,                                                                \
     .of_parts = (by_value)},                                                            \
        {.shown = {name, "p95", "ms", BETTER_LOWER, false},                              \
         .is_latency = true,                                                             \
         .latency = (place),                                                             \
         .quantile = 0.95,                                                               \
         .per = 1 / NS_IN_MS,                                                            \
         .of_parts = (by_value)},                                                        \
        {.shown = {name, "p99", "ms", BETTER_LOWER, false},                              \
         .is_latency = true,                                                             \
         .latency = (place),                                                             \
         .quantile = 0.99,                                                               \
         .per = 1 / NS_IN_MS},                                                           \
    {                                                                                    \
        .shown = {name, "mean", "ms", BETTER_LOWER, false}, .is_latency = true,          \
        .latency = (place), .quantile = CONTRAST_MEAN, .per = 1 / NS_IN_MS               \
    }

static const struct comparison_figure table[] = {
    LATENCY("ttft", EVIDENCE_TTFT, true),
    LATENCY("icl", EVIDENCE_ICL, false),
    LATENCY("tpot", EVIDENCE_TPOT, false),
    {.shown = {"tps", "p50", "tokens/s", BETTER_HIGHER, false},
     .is_latency = true,
     .latency = EVIDENCE_TPOT,
     .quantile = 0.50,
     .is_inverse = true,
     .per = (double)NS_PER_S},
    LATENCY("e2e", EVIDENCE_E2E, true),
    LATENCY("operation_duration", EVIDENCE_OPERATION, false),
    {.shown = {"error_rate", "rate", "fraction", BETTER_LOWER, true},
     .over = EVIDENCE_FAILED,
     .under = EVIDENCE_ENDED,
     .per = 1,
     .of_parts = true},
    {.shown = {"requests_per_second", "rate", "requests/s", BETTER_HIGHER, false},
     .over = EVIDENCE_REQUESTS,
     .under = EVIDENCE_SUMS,
     .per = 1},
    {.shown = {"output_tokens_per_second", "rate", "tokens/s", BETTER_HIGHER, false},
     .over = EVIDENCE_TOKENS,
     .under = EVIDENCE_SUMS,
     .per = 1},
    {.shown = {"goodput", "rate", "operations/s", BETTER_HIGHER, false},
     .over = EVIDENCE_GOOD,
     .under = EVIDENCE_SUMS,
     .per = 1},
    {.shown = {"cost_per_request", "mean", "USD", BETTER_LOWER, false},
     .over = EVIDENCE_PUSD,
     .under = EVIDENCE_REQUESTS,
     .per = PUSD},
    {.shown = {"cost_per_1m_output_tokens", "mean", "USD", BETTER_LOWER, false},
     .over = EVIDENCE_PUSD,
     .under = EVIDENCE_TOKENS,
     .per = PUSD * MILLION},
};

const struct comparison_figure *comparison_figure_at(size_t index)
{
    return index < COUNT_OF(table) ? &table[index] : NULL;
}

static double number(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double latency_of(const struct comparison_figure *figure, const json_t *object,
                         bool *ret_above)
{
    const json_t *metric =
        json_object_get(json_object_get(object, "metrics"), figure->shown.metric);
    const double value = number(metric, figure->shown.aggregate);
    const double bound =
        number(json_object_get(metric, "above"), figure->shown.aggregate);

    *ret_above = isnan(value) && !isnan(bound);
    return *ret_above ? bound : value;
}

static double ratio(const json_t *totals, const char *over, const char *under)
{
    const double divisor = number(totals, under);

    return divisor > 0 ? number(totals, over) / divisor : (double)NAN;
}

double comparison_figure_value(const struct comparison_figure *figure,
                               const json_t *object, bool *ret_above)
{
    const json_t *totals = json_object_get(object, "totals");

    *ret_above = false;
    if (figure->is_latency)
        return latency_of(figure, object, ret_above);
    if (!totals) /* a value in `by` has its counters beside its metrics */
        totals = object;
    if (figure->over != EVIDENCE_PUSD)
        return number(totals, figure->shown.metric);
    if (!(number(totals, "cost_pusd") > 0)) /* no model has a price */
        return (double)NAN;
    return figure->per *
           ratio(totals, "cost_pusd",
                 figure->under == EVIDENCE_REQUESTS ? "requests" : "completion_tokens");
}

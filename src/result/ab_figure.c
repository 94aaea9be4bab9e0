#include "result/ab_figure.h"

#include <assert.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define PUSD 1e-12
#define NS_IN_MS ((double)NS_PER_MS)

/* A percentile of a latency, in milliseconds. */
#define LATENCY(name, place, percentile, share)                                          \
    {.shown = {name, percentile, "ms", BETTER_LOWER, false},                             \
     .more = "slower",                                                                   \
     .less = "faster",                                                                   \
     .is_latency = true,                                                                 \
     .latency = (place),                                                                 \
     .quantile = (share),                                                                \
     .per = 1 / NS_IN_MS}

static const struct ab_figure table[] = {
    LATENCY("ttft", ARM_TTFT, "p50", 0.50),
    LATENCY("ttft", ARM_TTFT, "p95", 0.95),
    LATENCY("tpot", ARM_TPOT, "p50", 0.50),
    LATENCY("tpot", ARM_TPOT, "p95", 0.95),
    LATENCY("e2e", ARM_E2E, "p50", 0.50),
    LATENCY("e2e", ARM_E2E, "p95", 0.95),
    {.shown = {"error_rate", "rate", "fraction", BETTER_LOWER, true},
     .more = "worse",
     .less = "better",
     .over = ARM_FAILED,
     .per = 1},
    {.shown = {"completion_tokens", "mean", "tokens", BETTER_NEITHER, false},
     .more = "longer",
     .less = "shorter",
     .over = ARM_TOKENS,
     .per = 1},
    {.shown = {"cost_per_request", "mean", "USD", BETTER_LOWER, false},
     .more = "dearer",
     .less = "cheaper",
     .over = ARM_PUSD,
     .per = PUSD},
};

static_assert(COUNT_OF(table) == AB_FIGURES, "as many as there is room for");

const struct ab_figure *ab_figure_at(size_t index)
{
    return index < COUNT_OF(table) ? &table[index] : NULL;
}

void ab_figure_selector(const char *arm, char text[static AB_SELECTOR_BYTES])
{
    (void)snprintf(text, AB_SELECTOR_BYTES, "arm=%s", arm);
}

#include "result/summary_platform.h"

#include <math.h>

#include "base/clock.h"
#include "base/histogram.h"
#include "measure/tenancy.h"
#include "result/facts.h"

#define TIME_DECIMALS 3

static void put_quantile(struct json_tree *tree, json_t *call, const char *key,
                         struct histogram_quantile quantile)
{
    json_tree_put_number(tree, call, key,
                         quantile.known ? (double)quantile.value_ns / (double)NS_PER_MS
                                        : (double)NAN,
                         TIME_DECIMALS);
}

static void put_calls(struct json_tree *tree, json_t *platform,
                      const struct tenancy *tenancy)
{
    json_t *calls = json_tree_put_object(tree, platform, "calls");

    for (size_t i = 0; i < PLAN_PLATFORM_CALLS; i++) {
        const struct tenancy_call *from = &tenancy->calls[i];
        json_t *call = json_tree_put_object(
            tree, calls, plan_platform_call_name((enum plan_platform_call)i));

        json_tree_put_count(tree, call, "done", from->done);
        json_tree_put_count(tree, call, "reused", from->reused);
        json_tree_put_count(tree, call, "failed", from->failed);
        put_quantile(tree, call, "p50_ms", histogram_quantile(from->duration, 0.5));
        put_quantile(tree, call, "p95_ms", histogram_quantile(from->duration, 0.95));
        put_quantile(tree, call, "max_ms", histogram_greatest(from->duration));
    }
}

static void put_kind(struct json_tree *tree, json_t *platform,
                     const struct tenancy *tenancy, enum tenancy_kind kind)
{
    json_t *counts = json_tree_put_object(tree, platform, tenancy_kind_name(kind));

    json_tree_put_count(tree, counts, "removed", tenancy->removed[kind]);
    json_tree_put_count(tree, counts, "left", tenancy->left[kind]);
    json_tree_put_count(tree, counts, "kept", tenancy->kept[kind]);
}

static double seconds(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

void summary_put_platform(struct json_tree *tree, json_t *summary,
                          const struct run_facts *facts)
{
    const struct tenancy *tenancy = facts->tenancy;
    json_t *platform = NULL;

    if (!tenancy) {
        json_tree_put_null(tree, summary, "platform");
        return;
    }
    platform = json_tree_put_object(tree, summary, "platform");
    json_tree_put_number(tree, platform, "bootstrap_s", seconds(tenancy->make_ns),
                         TIME_DECIMALS);
    json_tree_put_bool(tree, platform, "cleaned_up", tenancy->was_cleaned);
    json_tree_put_number(tree, platform, "cleanup_s", seconds(tenancy->remove_ns),
                         TIME_DECIMALS);
    for (size_t i = 0; i < TENANCY_KINDS; i++)
        put_kind(tree, platform, tenancy, (enum tenancy_kind)i);
    put_calls(tree, platform, tenancy);
}

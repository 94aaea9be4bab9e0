#include "result/summary_timeline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "plan/plan.h"
#include "result/summary_metric.h"
#include "result/timeline.h"
#include "result/timeline_point.h"

#define DECIMALS 3
#define CUSTOM_DECIMALS 6

static double seconds_of(uint64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static double per_second(const struct timeline_point *point, uint64_t count)
{
    const uint64_t length_ns = point->end_ns - point->start_ns;

    return length_ns > 0 ? (double)count / seconds_of(length_ns) : (double)NAN;
}

static void put_quantile(struct json_tree *tree, json_t *point, enum metric metric,
                         const char *percentile, struct histogram_quantile quantile)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "%s_%s", metric_info(metric)->name, percentile);
    summary_put_quantile(tree, point, name, quantile);
}

static void put_trend(struct json_tree *tree, json_t *object, const char *name,
                      const struct timeline_quantiles *quantiles)
{
    const struct {
        const char *suffix;
        struct histogram_quantile quantile;
    } parts[] = {
        {"p50", quantiles->p50}, {"p95", quantiles->p95}, {"p99", quantiles->p99}};
    char member[128];

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        (void)snprintf(member, sizeof(member), "%s_%s", name, parts[i].suffix);
        summary_put_quantile(tree, object, member, parts[i].quantile);
    }
}

/* A number for each of the scenario's own metrics, null where the point has no value of it. */
static void put_customs(struct json_tree *tree, json_t *point, const struct plan *plan,
                        const struct timeline_custom *customs)
{
    json_t *object = json_tree_put_object(tree, point, "custom");

    for (size_t i = 0; customs && i < plan->metric_count; i++) {
        const struct plan_metric *metric = &plan->metrics[i];
        const struct custom *values = &customs[i].values;
        double number = (double)NAN;

        switch (metric->kind) {
        case PLAN_METRIC_COUNTER:
            number = custom_sum(values);
            break;
        case PLAN_METRIC_RATE:
            number = custom_share(values);
            break;
        case PLAN_METRIC_GAUGE:
            number = values->count > 0 ? values->last : (double)NAN;
            break;
        case PLAN_METRIC_TREND:
            put_trend(tree, object, metric->name, &customs[i].quantiles);
            continue;
        }
        json_tree_put_number(tree, object, metric->name, number, CUSTOM_DECIMALS);
    }
}

/* The kinds of failure that occurred. */
static void put_errors(struct json_tree *tree, json_t *point,
                       const struct timeline_point *from)
{
    json_t *errors = json_tree_put_object(tree, point, "errors");

    for (enum outcome outcome = 0; outcome < OUTCOME_COUNT; outcome++)
        if (from->failures[outcome] > 0)
            json_tree_put_count(tree, errors, outcome_name(outcome),
                                from->failures[outcome]);
}

static json_t *point_of(struct json_tree *tree, const struct plan *plan,
                        const struct timeline_point *from)
{
    json_t *point = json_tree_object(tree);

    json_tree_put_number(tree, point, "start_s", seconds_of(from->start_ns), DECIMALS);
    json_tree_put_number(tree, point, "end_s", seconds_of(from->end_ns), DECIMALS);
    json_tree_put_text(tree, point, "phase", from->phase);
    json_tree_put_count(tree, point, "users_wanted", from->users_wanted);
    json_tree_put_count(tree, point, "users_active", from->users_active);
    json_tree_put_number(tree, point, "in_flight", from->in_flight, DECIMALS);
    json_tree_put_count(tree, point, "requests", from->requests);
    json_tree_put_count(tree, point, "failed", from->failed);
    put_errors(tree, point, from);
    json_tree_put_number(tree, point, "requests_per_second",
                         per_second(from, from->requests), DECIMALS);
    json_tree_put_number(
        tree, point, "goodput",
        plan_slo_metrics(plan) ? per_second(from, from->slo_met) : (double)NAN, DECIMALS);
    json_tree_put_count(tree, point, "arrivals", from->arrivals);
    json_tree_put_count(tree, point, "dropped_iterations", from->dropped);
    json_tree_put_count(tree, point, "completion_tokens", from->completion_tokens);
    json_tree_put_number(tree, point, "output_tokens_per_second",
                         per_second(from, from->completion_tokens), DECIMALS);
    json_tree_put_money(tree, point, "cost", from->cost_pusd);
    put_customs(tree, point, plan, from->customs);
    for (size_t i = 0; i < TIMELINE_LATENCIES; i++) {
        const enum metric metric = timeline_latency(i);

        put_quantile(tree, point, metric, "p50", from->latencies[i].p50);
        put_quantile(tree, point, metric, "p95", from->latencies[i].p95);
        put_quantile(tree, point, metric, "p99", from->latencies[i].p99);
    }
    for (size_t i = 0; i < TIMELINE_DELAYS; i++)
        put_quantile(tree, point, timeline_delay(i), "p99", from->delays_p99[i]);
    return point;
}

void summary_put_timeline(struct json_tree *tree, json_t *summary,
                          const struct timeline_view *timeline)
{
    json_t *object = NULL;
    json_t *list = NULL;

    if (!timeline->points) {
        json_tree_put_null(tree, summary, "timeline");
        return;
    }
    object = json_tree_put_object(tree, summary, "timeline");
    json_tree_put_number(tree, object, "step_s", seconds_of(timeline->step_ns), DECIMALS);
    json_tree_put_bool(tree, object, "cut", timeline->is_cut);
    list = json_tree_array(tree);
    for (size_t i = 0; i < timeline->count; i++)
        json_tree_append(tree, list,
                         point_of(tree, timeline->plan, &timeline->points[i]));
    json_tree_put(tree, object, "points", list);
}

static int append_piece(const char *piece, size_t len, void *ctx)
{
    return buf_append(ctx, piece, len);
}

int timeline_point_write(const struct timeline_view *timeline, size_t index,
                         struct buf *out)
{
    struct json_tree tree = {0};
    json_t *point = NULL;
    int r = json_tree_finish(
        &tree, point_of(&tree, timeline->plan, &timeline->points[index]), &point);

    if (r == 0 && json_dump_callback(point, append_piece, out,
                                     JSON_COMPACT | JSON_REAL_PRECISION(15)) < 0)
        r = buf_error(out) < 0 ? buf_error(out) : -ENOMEM;
    json_decref(point);
    return r;
}

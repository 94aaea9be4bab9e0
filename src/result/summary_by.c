#include "result/summary_by.h"

#include <math.h>
#include <string.h>

#include "base/histogram.h"
#include "measure/metric.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/summary_script.h"
#include "result/summary_series.h"

struct collector {
    struct json_tree *tree;
    json_t *by;
    const struct run_facts *facts;
};

static bool is_phase(const struct series_view *series)
{
    return strcmp(series->key, "phase") == 0;
}

/* The object of by.<key>, made at its first value. */
static json_t *dimension(const struct collector *collector, const char *key)
{
    json_t *object = json_object_get(collector->by, key);

    return object ? object : json_tree_put_object(collector->tree, collector->by, key);
}

/* What a model could reach, and what its streams did reach of that. */
static void put_efficiency(const struct collector *collector, json_t *value,
                           const struct series_view *series)
{
    const double theoretical =
        plan_theoretical_tps(collector->facts->view->plan, series->value);
    const struct histogram *tpot = series->histograms[METRIC_TPOT];

    if (!(theoretical > 0))
        return;
    json_tree_put_number(collector->tree, value, "theoretical_tps", theoretical, 3);
    json_tree_put_number(collector->tree, value, "tps_efficiency",
                         tpot && histogram_count(tpot) > 0
                             ? histogram_rate(tpot).mean_per_s / theoretical
                             : (double)NAN,
                         6);
}

static const char *kind_name(enum plan_step_kind kind)
{
    static const char *const names[] = {
        [PLAN_STEP_CHAT] = "chat",           [PLAN_STEP_COMPLETION] = "completion",
        [PLAN_STEP_RESPONSES] = "responses", [PLAN_STEP_EMBEDDINGS] = "embeddings",
        [PLAN_STEP_HTTP] = "http",           [PLAN_STEP_MCP] = "mcp",
        [PLAN_STEP_REPLAY] = "replay",       [PLAN_STEP_THINK] = "think",
    };

    return names[kind];
}

/* What kind of request a step is; of steps that share a name, the first. */
static void put_step_kind(const struct collector *collector, json_t *value,
                          const char *name)
{
    const struct plan *plan = collector->facts->view->plan;

    for (size_t i = 0; i < plan->step_count; i++) {
        if (!plan->steps[i].name || strcmp(plan->steps[i].name, name) != 0)
            continue;
        json_tree_put_text(collector->tree, value, "kind",
                           kind_name(plan->steps[i].kind));
        return;
    }
}

/* The object of one value, with the figures of so many seconds. */
static json_t *put_series(const struct collector *collector,
                          const struct series_view *series, double seconds)
{
    struct json_tree *tree = collector->tree;
    json_t *value =
        json_tree_put_object(tree, dimension(collector, series->key), series->value);

    summary_put_counters(tree, value, series->counters);
    summary_put_rates(tree, value, series->counters, seconds);
    summary_put_metrics(tree, value, series, SUMMARY_MAIN);
    summary_put_customs(tree, json_object_get(value, "metrics"),
                        collector->facts->view->plan, series, seconds);
    if (strcmp(series->key, "model") == 0)
        put_efficiency(collector, value, series);
    if (strcmp(series->key, "step") == 0)
        put_step_kind(collector, value, series->value);
    return value;
}

static void on_windowed(void *ctx, const struct series_view *series)
{
    const struct collector *collector = ctx;

    if (!is_phase(series))
        (void)put_series(collector, series,
                         run_span_s(run_facts_window(collector->facts)));
}

static double since_start_s(const struct run_facts *facts, uint64_t moment_ns)
{
    return run_span_s((struct run_span){facts->view->started_ns, moment_ns});
}

/* When a phase was, and what it asked for. */
static void put_phase(const struct collector *collector, json_t *value, size_t index)
{
    const struct plan_phase *phase = &collector->facts->view->plan->phases[index];
    const struct run_span span = run_facts_phase(collector->facts, index);

    json_tree_put_text(collector->tree, value, "kind", plan_phase_kind_name(phase->kind));
    json_tree_put_number(collector->tree, value, "start_s",
                         since_start_s(collector->facts, span.start_ns), 3);
    json_tree_put_number(collector->tree, value, "end_s",
                         since_start_s(collector->facts, span.end_ns), 3);
    json_tree_put_count(collector->tree, value, "users_from", phase->from_users);
    json_tree_put_count(collector->tree, value, "users_to", phase->users);
    json_tree_put_number(collector->tree, value, "rate_from", phase->from_rate_per_s, 6);
    json_tree_put_number(collector->tree, value, "rate_to", phase->rate_per_s, 6);
}

static void on_whole(void *ctx, const struct series_view *series)
{
    const struct collector *collector = ctx;
    const struct plan *plan = collector->facts->view->plan;
    size_t phase = 0;

    if (!is_phase(series))
        return;
    while (phase < plan->phase_count &&
           strcmp(plan->phases[phase].name, series->value) != 0)
        phase++;
    if (phase == plan->phase_count)
        (void)put_series(collector, series, 0);
    else
        put_phase(collector,
                  put_series(collector, series,
                             run_span_s(run_facts_phase(collector->facts, phase))),
                  phase);
}

void summary_put_by(struct json_tree *tree, json_t *summary,
                    const struct run_facts *facts)
{
    const struct recorder *recorder = facts->view->recorder;
    struct collector collector = {
        .tree = tree, .by = json_tree_put_object(tree, summary, "by"), .facts = facts};

    recorder_each(recorder, RECORDER_WINDOW, on_windowed, &collector);
    recorder_each(recorder, RECORDER_ALL, on_whole, &collector);
}

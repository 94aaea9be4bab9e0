#include "result/summary_script.h"

#include <math.h>

#include "measure/recorder.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/summary_metric.h"

#define SHARE_DECIMALS 6
#define SUM_DECIMALS 6 /* as fine as a counter is */
#define PER_SECOND_DECIMALS 3

static const char *kind_name(enum plan_metric_kind kind)
{
    switch (kind) {
    case PLAN_METRIC_COUNTER:
        return "counter";
    case PLAN_METRIC_RATE:
        return "rate";
    case PLAN_METRIC_GAUGE:
        return "gauge";
    case PLAN_METRIC_TREND:
        break;
    }
    return "trend";
}

static const char *unit_of(const struct plan_metric *metric)
{
    if (metric->kind == PLAN_METRIC_RATE)
        return "fraction";
    return metric->unit;
}

static void put_list(struct json_tree *tree, json_t *summary, const struct plan *plan)
{
    json_t *list = json_tree_array(tree);

    for (size_t i = 0; i < plan->metric_count; i++) {
        const struct plan_metric *from = &plan->metrics[i];
        json_t *metric = json_tree_object(tree);

        json_tree_put_text(tree, metric, "name", from->name);
        json_tree_put_text(tree, metric, "kind", kind_name(from->kind));
        json_tree_put_text(tree, metric, "unit", unit_of(from));
        json_tree_put_text(tree, metric, "help", from->help);
        json_tree_append(tree, list, metric);
    }
    json_tree_put(tree, summary, "custom", list);
}

struct collector {
    struct json_tree *tree;
    json_t *checks;
};

static void put_check(void *ctx, const struct check_view *check)
{
    const struct collector *collector = ctx;
    struct json_tree *tree = collector->tree;
    const uint64_t count = check->passed + check->failed;
    json_t *object = json_tree_object(tree);

    json_tree_put_text(tree, object, "step", check->step);
    json_tree_put_text(tree, object, "name", check->name);
    json_tree_put_count(tree, object, "passes", check->passed);
    json_tree_put_count(tree, object, "fails", check->failed);
    json_tree_put_number(tree, object, "rate",
                         count > 0 ? (double)check->passed / (double)count : (double)NAN,
                         SHARE_DECIMALS);
    json_tree_append(tree, collector->checks, object);
}

void summary_put_script(struct json_tree *tree, json_t *summary,
                        const struct run_facts *facts)
{
    struct collector collector = {.tree = tree, .checks = json_tree_array(tree)};

    put_list(tree, summary, facts->view->plan);
    recorder_each_check(facts->view->recorder, RECORDER_WINDOW, put_check, &collector);
    json_tree_put(tree, summary, "checks", collector.checks);
}

static json_t *counter(struct json_tree *tree, const struct plan_metric *metric,
                       const struct custom *custom, double seconds)
{
    const double sum = custom ? custom_sum(custom) : 0;
    json_t *object = json_tree_object(tree);

    json_tree_put_text(tree, object, "unit", unit_of(metric));
    json_tree_put_number(tree, object, "count", sum, SUM_DECIMALS);
    json_tree_put_number(tree, object, "rate", seconds > 0 ? sum / seconds : (double)NAN,
                         PER_SECOND_DECIMALS);
    json_tree_put_count(tree, object, "values", custom ? custom->count : 0);
    json_tree_put_count(tree, object, "unfit", custom ? custom->unfit : 0);
    return object;
}

static json_t *rate(struct json_tree *tree, const struct custom *custom)
{
    json_t *object = json_tree_object(tree);

    json_tree_put_text(tree, object, "unit", "fraction");
    json_tree_put_number(tree, object, "rate", custom_share(custom), SHARE_DECIMALS);
    json_tree_put_count(tree, object, "passes", custom->trues);
    json_tree_put_count(tree, object, "fails", custom->count - custom->trues);
    json_tree_put_count(tree, object, "unfit", custom->unfit);
    return object;
}

static json_t *gauge(struct json_tree *tree, const struct plan_metric *metric,
                     const struct custom *custom)
{
    json_t *object = json_tree_object(tree);

    json_tree_put_text(tree, object, "unit", unit_of(metric));
    json_tree_put_number(tree, object, "value", custom->last, SUM_DECIMALS);
    json_tree_put_number(tree, object, "min", custom->least, SUM_DECIMALS);
    json_tree_put_number(tree, object, "max", custom->greatest, SUM_DECIMALS);
    json_tree_put_count(tree, object, "values", custom->count);
    json_tree_put_count(tree, object, "unfit", custom->unfit);
    return object;
}

static json_t *trend(struct json_tree *tree, const struct plan_metric *metric,
                     const struct custom *custom)
{
    json_t *object = summary_latency(tree, custom->histogram, unit_of(metric));

    json_tree_put_count(tree, object, "unfit", custom->unfit);
    return object;
}

static json_t *metric_of(struct json_tree *tree, const struct plan_metric *metric,
                         const struct custom *custom, double seconds)
{
    switch (metric->kind) {
    case PLAN_METRIC_COUNTER:
        return counter(tree, metric, custom, seconds);
    case PLAN_METRIC_RATE:
        return rate(tree, custom);
    case PLAN_METRIC_GAUGE:
        return gauge(tree, metric, custom);
    case PLAN_METRIC_TREND:
        break;
    }
    return trend(tree, metric, custom);
}

void summary_put_customs(struct json_tree *tree, json_t *metrics, const struct plan *plan,
                         const struct series_view *series, double seconds)
{
    for (size_t i = 0; i < plan->metric_count; i++) {
        const struct plan_metric *metric = &plan->metrics[i];
        const struct custom *custom = series->customs ? &series->customs[i] : NULL;
        const bool is_zero = !series->key && metric->kind == PLAN_METRIC_COUNTER;

        if (is_zero || (custom && custom->count > 0))
            json_tree_put(tree, metrics, metric->name,
                          metric_of(tree, metric, custom, seconds));
    }
}

#include "cli/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cli/baseline_latencies.h"
#include "cli/run_reference.h"
#include "expr/selector.h"
#include "expr/threshold.h"
#include "plan/plan.h"
#include "result/run_files.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)
#define MOST 1e15

/* What another name stands for in totals. */
struct alias {
    const char *metric;
    const char *member;
};

static const struct alias aliases[] = {
    {"http_req_failed", "error_rate"},
    {"http_reqs", "requests"},
};

static bool is_compared(const struct plan_threshold *threshold,
                        struct threshold *ret_expression)
{
    const char *hint;

    return threshold_parse(threshold->expression, ret_expression, &hint) == 0 &&
           ret_expression->written == THRESHOLD_BASELINE;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool number_of(const json_t *object, const char *name, double *ret_value)
{
    const json_t *number = json_object_get(object, name);

    if (!json_is_number(number))
        return false;
    *ret_value = json_number_value(number);
    return true;
}

static bool is_same(const struct threshold *one, const struct threshold *other)
{
    return one->aggregate == other->aggregate && one->drift == other->drift &&
           fabs(one->percentile - other->percentile) < 1e-9;
}

/* Files are edited by people: only numbers of the scenario's own can be below 0, and nothing is beyond all bounds. */
static bool is_sensible(const struct plan *plan, const char *metric, double value)
{
    if (!(fabs(value) <= MOST))
        return false;
    for (size_t i = 0; i < plan->metric_count; i++)
        if (strcmp(plan->metrics[i].name, metric) == 0)
            return true;
    return value >= 0;
}

/* What a threshold on the same had measured. */
static bool find_judged(const json_t *summary, const struct plan_threshold *threshold,
                        const struct threshold *expression, double *ret_value)
{
    const json_t *list = json_object_get(summary, "thresholds");

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        struct threshold then;
        const char *hint;

        if (strcmp(text_of(one, "metric"), threshold->metric) == 0 &&
            strcmp(text_of(one, "selector"), threshold->selector) == 0 &&
            threshold_parse(text_of(one, "expression"), &then, &hint) == 0 &&
            is_same(&then, expression) && number_of(one, "value", ret_value))
            return true;
    }
    return false;
}

/* What a summary calls an aggregate; NULL: it has none such. */
static const char *member_of(const struct threshold *expression)
{
    static const struct {
        double percentile;
        const char *name;
    } percentiles[] = {
        {50, "p50"}, {90, "p90"}, {95, "p95"}, {99, "p99"}, {99.9, "p99_9"}};

    switch (expression->aggregate) {
    case THRESHOLD_AVG:
        return "mean";
    case THRESHOLD_MIN:
        return "min";
    case THRESHOLD_MED:
        return "p50";
    case THRESHOLD_MAX:
        return "max";
    case THRESHOLD_RATE:
        return "rate";
    case THRESHOLD_COUNT:
        return "count";
    case THRESHOLD_VALUE:
        return "value";
    case THRESHOLD_PERCENTILE:
        break;
    }
    for (size_t i = 0; i < COUNT_OF(percentiles); i++)
        if (fabs(expression->percentile - percentiles[i].percentile) < 1e-9)
            return percentiles[i].name;
    return NULL;
}

/* The figures of all, or of the value of the one label that is selected; NULL: there are none. */
static const json_t *part_of(const json_t *summary, const char *text)
{
    const struct selector_label *label;
    struct selector selector;
    const json_t *values;

    if (!*text)
        return summary;
    if (selector_parse(text, &selector) < 0 || selector.count != 1)
        return NULL;
    label = &selector.labels[0];
    values = json_object_getn(json_object_get(summary, "by"), label->key, label->key_len);
    return json_object_getn(values, label->value, label->value_len);
}

static bool find_measured(const json_t *summary, const struct plan_threshold *threshold,
                          const struct threshold *expression, double *ret_value)
{
    const json_t *part = part_of(summary, threshold->selector);
    const json_t *totals = part == summary ? json_object_get(summary, "totals") : part;
    const json_t *metric =
        json_object_get(json_object_get(part, "metrics"), threshold->metric);
    const char *member = member_of(expression);
    const char *total = threshold->metric;

    if (member && number_of(metric, member, ret_value))
        return true;
    for (size_t i = 0; i < COUNT_OF(aliases); i++)
        if (strcmp(threshold->metric, aliases[i].metric) == 0)
            total = aliases[i].member;
    /* A count over time is not what stands there. */
    if (expression->aggregate == THRESHOLD_RATE &&
        json_is_integer(json_object_get(totals, total)))
        return false;
    return number_of(totals, total, ret_value);
}

static struct plan_baseline find(const json_t *summary, const struct plan *plan,
                                 const struct plan_threshold *threshold,
                                 const struct threshold *expression)
{
    struct plan_baseline baseline = {.state = PLAN_BASELINE_UNKNOWN};

    if ((find_judged(summary, threshold, expression, &baseline.value) ||
         find_measured(summary, threshold, expression, &baseline.value)) &&
        is_sensible(plan, threshold->metric, baseline.value))
        baseline.state = PLAN_BASELINE_KNOWN;
    return baseline;
}

static int fill(const json_t *summary, bool waived, struct plan *plan)
{
    struct plan_baseline *baselines =
        calloc(plan->threshold_count + 1, sizeof(*baselines));
    int r;

    if (!baselines)
        return -ENOMEM;
    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];
        struct threshold expression;

        if (!is_compared(threshold, &expression))
            continue;
        if (waived)
            baselines[i].state = PLAN_BASELINE_WAIVED;
        else
            baselines[i] = find(summary, plan, threshold, &expression);
    }
    r = plan_set_baselines(plan, baselines);
    if (r == 0 && !waived)
        r = baseline_latencies_fill(summary, plan);
    free(baselines);
    return r;
}

static bool is_any_compared(const struct plan *plan)
{
    struct threshold expression;

    for (size_t i = 0; i < plan->threshold_count; i++)
        if (is_compared(&plan->thresholds[i], &expression))
            return true;
    return false;
}

/* Whether its latencies are shown beside the run's own (output/pushgateway.h). */
static bool is_shown(const struct plan *plan)
{
    return plan->outputs.pushgateway.url && plan->outputs.pushgateway.last_result;
}

/* That it is not there is what most scenarios have; that nobody can say is warned of. */
static int open_default(const struct run_places *places, const struct plan *plan,
                        struct run_files *ret_run)
{
    struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    const int r = run_reference_default(places, plan->name, ret_run, &why);

    if (r == -EIO)
        log_write(LOG_LEVEL_WARN, "run", NULL, "%s", buf_str(&why));
    buf_deinit(&why);
    return r;
}

int baseline_fill(const struct run_places *places, const char *name, struct plan *plan,
                  struct buf *reterr_why)
{
    const bool waived = name && strcmp(name, "none") == 0;
    struct run_files run = {0};
    int r = 0;

    if (!name && !is_any_compared(plan) && !is_shown(plan))
        return 0;
    if (!name)
        r = open_default(places, plan, &run);
    else if (!waived)
        r = run_reference_open(places, name, plan->name, &run, reterr_why);
    if (r == 0)
        r = fill(run.summary, waived, plan);
    run_files_close(&run);
    return name || r == -ENOMEM ? r : 0;
}

void baseline_warn(const struct plan *plan)
{
    for (size_t i = 0; i < plan->threshold_count; i++) {
        const struct plan_threshold *threshold = &plan->thresholds[i];
        const enum plan_baseline_state state = threshold->baseline.state;
        struct threshold expression;

        if (!is_compared(threshold, &expression) || state == PLAN_BASELINE_KNOWN ||
            state == PLAN_BASELINE_WAIVED)
            continue;
        log_write(LOG_LEVEL_WARN, "run", NULL, "%s%s%s%s %s will fail: %s",
                  threshold->metric, *threshold->selector ? "{" : "", threshold->selector,
                  *threshold->selector ? "}" : "", threshold->expression,
                  state == PLAN_BASELINE_MISSING
                      ? "no baseline was given, and the scenario has none named default; "
                        "add --baseline RUN, or --baseline none"
                      : "the baseline does not have this value");
    }
}

#include "cli/baseline.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "cli/baseline_latencies.h"
#include "expr/selector.h"
#include "expr/threshold.h"
#include "plan/plan.h"
#include "result/summary.h"

#define MAX_PATH_BYTES 4096
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

static int refuse(struct buf *why, const char *path, const char *what)
{
    if (why)
        buf_printf(why,
                   "%s: %s; give the results folder of an earlier run, its summary.json, "
                   "or none",
                   path, what);
    return -EINVAL;
}

static int read_summary(const char *path, struct buf *why, json_t **ret_summary)
{
    char inside[MAX_PATH_BYTES];
    struct stat info;
    json_error_t error;
    json_t *summary;

    (void)snprintf(inside, sizeof(inside), "%s/summary.json", path);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        path = inside;
    summary = json_load_file(path, 0, &error);
    if (!summary)
        return refuse(why, path, error.text);
    if (strcmp(text_of(summary, "schema"), SUMMARY_SCHEMA) != 0) {
        json_decref(summary);
        return refuse(why, path, "this is no summary of throng");
    }
    *ret_summary = summary;
    return 0;
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

int baseline_fill(const char *path, struct plan *plan, struct buf *reterr_why)
{
    const bool waived = path && strcmp(path, "none") == 0;
    json_t *summary = NULL;
    int r = 0;

    if (!path || plan->threshold_count == 0)
        return 0;
    if (!waived)
        r = read_summary(path, reterr_why, &summary);
    if (r == 0)
        r = fill(summary, waived, plan);
    json_decref(summary);
    return r;
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
                      ? "no baseline was given; add --baseline RUN, or --baseline none"
                      : "the baseline does not have this value");
    }
}

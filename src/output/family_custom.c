#include "output/family_custom.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/customs.h"
#include "output/metric_text.h"
#include "plan/plan.h"

#define QUANTILE_BYTES 16
#define MS_PER_S 1e3

static bool ends_with(const char *text, const char *ending)
{
    const size_t len = strlen(text);
    const size_t ending_len = strlen(ending);

    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

/* Adds "_ending", unless the name ends so already. */
static void add_ending(char *name, const char *ending)
{
    char whole[64];
    const size_t len = strlen(name);

    (void)snprintf(whole, sizeof(whole), "_%s", ending);
    if (!ends_with(name, whole))
        (void)snprintf(name + len, FAMILY_CUSTOM_NAME_BYTES - len, "%s", whole);
}

/* Whether a unit can be part of a name: one short word. */
static bool is_word(const char *unit)
{
    const size_t len = strlen(unit);

    return len > 0 && len <= 32 &&
           strspn(unit, "abcdefghijklmnopqrstuvwxyz_0123456789") == len;
}

void family_custom_name(const struct plan_metric *metric,
                        char ret_name[FAMILY_CUSTOM_NAME_BYTES])
{
    (void)snprintf(ret_name, FAMILY_CUSTOM_NAME_BYTES, "throng_custom_%.128s",
                   metric->name);
    if (metric->is_time)
        add_ending(ret_name, "seconds");
    else if (metric->kind != PLAN_METRIC_RATE && is_word(metric->unit))
        add_ending(ret_name, metric->unit);
    if (metric->kind == PLAN_METRIC_COUNTER || metric->kind == PLAN_METRIC_RATE)
        add_ending(ret_name, "total");
}

/* Whether one is the other, or a name that the other's summary has for its sum or count. */
static bool clashes(const char *one, const char *other)
{
    const size_t len = strlen(one);

    return strncmp(one, other, len) == 0 &&
           (other[len] == '\0' || strcmp(other + len, "_sum") == 0 ||
            strcmp(other + len, "_count") == 0);
}

static bool is_taken(const struct plan *plan, size_t index, const char *name)
{
    for (size_t i = 0; i < index; i++) {
        char earlier[FAMILY_CUSTOM_NAME_BYTES];

        family_custom_name(&plan->metrics[i], earlier);
        if (clashes(earlier, name) || clashes(name, earlier))
            return true;
    }
    return false;
}

static const char *type_of(enum plan_metric_kind kind)
{
    switch (kind) {
    case PLAN_METRIC_COUNTER:
    case PLAN_METRIC_RATE:
        return "counter";
    case PLAN_METRIC_GAUGE:
        return "gauge";
    case PLAN_METRIC_TREND:
        break;
    }
    return "summary";
}

/* A value as it was recorded in the base unit. */
static double based(const struct plan_metric *metric, double value)
{
    return metric->is_time ? value / MS_PER_S : value;
}

static void write_rate(const struct custom *custom, const struct metric_text *text)
{
    const struct metric_label yes = {"value", "true"};
    const struct metric_label no = {"value", "false"};

    metric_text_whole(text, "", &yes, 1, custom->trues);
    metric_text_whole(text, "", &no, 1, custom->count - custom->trues);
}

static void write_trend(const struct plan_metric *metric,
                        const struct histogram *histogram, const struct metric_text *text)
{
    static const double quantiles[] = {0.5, 0.9, 0.95, 0.99};
    char name[QUANTILE_BYTES];
    const struct metric_label label = {"quantile", name};
    const double count = (double)histogram_count(histogram);

    for (size_t i = 0; i < COUNT_OF(quantiles); i++) {
        const struct histogram_quantile value =
            histogram_quantile(histogram, quantiles[i]);

        (void)snprintf(name, sizeof(name), "%g", quantiles[i]);
        if (value.known)
            metric_text_sample(text, "", &label, 1,
                               based(metric, (double)value.value_ns / (double)NS_PER_MS));
    }
    metric_text_sample(
        text, "_sum", NULL, 0,
        based(metric, histogram_mean_ns(histogram) * count / (double)NS_PER_MS));
    metric_text_whole(text, "_count", NULL, 0, histogram_count(histogram));
}

/* Counters are shown from the start, so that their increase is seen; others once they have a value. */
static void write_values(const struct plan_metric *metric, const struct custom *custom,
                         const struct metric_text *text)
{
    static const struct custom none;

    if (!custom)
        custom = &none;
    switch (metric->kind) {
    case PLAN_METRIC_COUNTER:
        metric_text_sample(text, "", NULL, 0, custom_sum(custom));
        break;
    case PLAN_METRIC_RATE:
        write_rate(custom, text);
        break;
    case PLAN_METRIC_GAUGE:
        if (custom->count > 0)
            metric_text_sample(text, "", NULL, 0, based(metric, custom->last));
        break;
    case PLAN_METRIC_TREND:
        if (custom->count > 0)
            write_trend(metric, custom->histogram, text);
        break;
    }
}

void family_write_customs(const struct plan *plan, const struct customs *customs,
                          struct metric_text *text)
{
    for (size_t i = 0; i < plan->metric_count; i++) {
        const struct plan_metric *metric = &plan->metrics[i];
        char name[FAMILY_CUSTOM_NAME_BYTES];

        family_custom_name(metric, name);
        if (is_taken(plan, i, name))
            continue;
        metric_text_begin(text, name, type_of(metric->kind),
                          *metric->help ? metric->help : "Of the scenario's own");
        write_values(metric, customs->each ? &customs->each[i] : NULL, text);
    }
}

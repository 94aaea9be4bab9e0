#include "plan/metric.h"

#include <errno.h>
#include <string.h>

#include "expr/threshold.h"
#include "scenario/making.h"
#include "scenario/operation.h"
#include "scenario/text.h"

static const char *const measured_words[] = {"number", "time", NULL};

static const struct field metric_fields[] = {
    {ROW("counter", FIELD_BOOL, struct metric_form, counter),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .preset = "true", .help = "sums up"},
    {ROW("rate", FIELD_BOOL, struct metric_form, rate),
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .preset = "true",
     .help = "the share of values that are true, or not 0"},
    {ROW("gauge", FIELD_CHOICE, struct metric_form, gauge), .words = measured_words,
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .preset = "number",
     .help = "the last value, with the smallest and the largest"},
    {ROW("trend", FIELD_CHOICE, struct metric_form, trend), .words = measured_words,
     .flags = FIELD_ALTERNATIVE | FIELD_BARE, .preset = "number",
     .help = "a distribution, with percentiles; a `time` is in milliseconds"},
    {ROW("unit", FIELD_TEXT, struct metric_form, unit), .help = "what is counted"},
    {ROW("help", FIELD_TEXT, struct metric_form, help),
     .help = "a sentence for those who read the results"},
};

const struct field_table metric_table = {
    TABLE_OF(
        "metric", metric_fields, struct metric_form,
        "A metric of the scenario's own. `record` gives it values, and thresholds may "
        "be set on it:\n`p(95)`, `avg`, `min`, `med`, `max`, `count` of a trend, "
        "`count` and `rate` of a counter, `rate`\nof a rate, `value`, `min` and `max` "
        "of a gauge."),
    .alternatives = "metric",
    .example = "metrics:\n"
               "  login_duration: {trend: time, help: from the form to the first page}\n"
               "  answer_tokens: {trend: number, unit: tokens}\n"
               "  auth_errors: counter\n"
               "  success_rate: rate\n"
               "record:\n"
               "  auth_errors: .status == 401\n"
               "  success_rate: .failed | not\n"};

static bool is_metric_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";

    return *name && strchr(letters, *name) &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* Whether throng has one of that name itself, and does not give it away. */
static bool is_taken(const struct making *making, const char *name)
{
    const struct scenario_options *options = making->options;

    for (size_t i = 0; i < options->metric_count; i++)
        if (strcmp(options->metrics[i].name, name) == 0)
            return !options->metrics[i].yields;
    return false;
}

static int check_name(struct making *making, const struct config_node *key)
{
    if (!is_metric_name(key->text))
        return MAKING_REFUSE(making, key,
                             "use small letters, digits and _, as in login_duration",
                             "'%s' cannot be the name of a metric", key->written);
    if (is_taken(making, key->text))
        return MAKING_REFUSE(making, key, "give it another name, such as one with 'my_'",
                             "throng has a metric '%s' already", key->written);
    return 0;
}

static int make_metric(struct making *making, const struct metric_form *form,
                       struct plan_metric *metric)
{
    const bool is_gauge = making_has(&form->form, "gauge");
    const bool is_trend = making_has(&form->form, "trend");
    int r = check_name(making, form->form.key);

    metric->kind = PLAN_METRIC_COUNTER;
    if (making_has(&form->form, "rate"))
        metric->kind = PLAN_METRIC_RATE;
    if (is_gauge)
        metric->kind = PLAN_METRIC_GAUGE;
    if (is_trend)
        metric->kind = PLAN_METRIC_TREND;
    metric->is_time = (is_gauge && form->gauge == 1) || (is_trend && form->trend == 1);
    if (r == 0 && metric->is_time && form->unit)
        r = MAKING_REFUSE(making, making_place(&form->form, "unit"), "leave 'unit' away",
                          "a time is in milliseconds");
    if (r == 0)
        r = making_copy(making, form->form.key->text, &metric->name);
    if (r == 0)
        r = making_copy(making, form->help ? form->help : "", &metric->help);
    if (r < 0)
        return r;
    return making_copy(making,
                       metric->is_time ? "ms"
                       : form->unit    ? form->unit
                                       : "",
                       &metric->unit);
}

int make_metrics(struct making *making)
{
    const struct metric_form *forms = making->form->metrics.items;
    const size_t count = making->form->metrics.count;
    struct plan_metric *metrics = making_array(making, count, sizeof(*metrics));
    int r;

    making->own_metrics = making_array(making, count, sizeof(*making->own_metrics));
    r = metrics && making->own_metrics ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = make_metric(making, &forms[i], &metrics[i]);
        making->own_metrics[i] =
            (struct threshold_metric){.name = metrics[i].name,
                                      .kind = plan_metric_threshold_kind(&metrics[i]),
                                      .sizeless = true};
    }
    if (r < 0)
        return r;
    making->plan->metrics = metrics;
    making->plan->metric_count = count;
    return 0;
}

static int find_metric(struct making *making, const struct config_node *key,
                       uint32_t *ret_metric)
{
    const struct plan *plan = making->plan;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    for (uint32_t i = 0; i < plan->metric_count; i++) {
        if (strcmp(plan->metrics[i].name, key->text) == 0) {
            *ret_metric = i;
            return 0;
        }
        if (count < MAKING_MAX_NAMES)
            names[count++] = plan->metrics[i].name;
    }
    *ret_metric = PLAN_NONE;
    return making_refuse_name(making, key, "metrics", names, count);
}

/* `true` adds 1; all else is a query. */
static int make_record(struct making *making, enum query_view view,
                       const struct config_entry *entry, struct plan_record *record)
{
    const struct config_node *value = entry->value;
    int r = find_metric(making, entry->key, &record->metric);

    record->query = PLAN_NONE;
    if (r < 0 || value->kind != CONFIG_SCALAR || strcmp(value->text, "true") == 0)
        return r;
    return making_query(making, value, view, value->text, &record->query);
}

int make_records(struct making *making, enum query_view view,
                 const struct config_node *const *maps, size_t map_count,
                 const struct plan_record **ret_records, size_t *ret_count)
{
    struct plan_record *records;
    size_t most = 0;
    size_t count = 0;
    int r = 0;

    for (size_t i = 0; i < map_count; i++)
        most += maps[i] && maps[i]->kind == CONFIG_MAP ? maps[i]->count : 0;
    records = making_array(making, most, sizeof(*records));
    if (!records)
        return -ENOMEM;
    for (size_t i = 0; i < map_count; i++)
        for (size_t at = 0;
             r == 0 && maps[i] && maps[i]->kind == CONFIG_MAP && at < maps[i]->count;
             at++)
            r = make_record(making, view, &maps[i]->entries[at], &records[count++]);
    *ret_records = records;
    *ret_count = count;
    return r;
}

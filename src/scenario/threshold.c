#include "expr/threshold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/diag.h"
#include "base/suggest.h"
#include "expr/selector.h"
#include "scenario/making.h"
#include "scenario/selector.h"

static const struct field threshold_fields[] = {
    {ROW("threshold", FIELD_TEXT, struct threshold_form, expression),
     .flags = FIELD_REQUIRED,
     .help =
         "what must hold at the end: an aggregate (`p(95)`, `avg`, `min`, `med`, `max` "
         "and "
         "`count` of times, `rate` of shares, `count` and `rate` of what is counted, "
         "else "
         "`value`), one of `<`, `<=`, `>`, `>=`, `==`, `!=`, and a limit (`500ms`, `5%`, "
         "`10/s`, `1.50 USD`, of `trust` a grade such as `value>=B`; bare numbers are "
         "milliseconds or fractions). `drift(p(95))<10%`: the change from the first to "
         "the "
         "last quarter of the longest sustained phase, which fails only where it is no "
         "chance. "
         "`p(95)<baseline*1.10`: against the run of `--baseline`"},
    {ROW("min_samples", FIELD_COUNT, struct threshold_form, min_samples), .preset = "0",
     .unit = "samples",
     .help =
         "of fewer requests it says nothing: that is no data, and a failure at the end"},
    {ROW("abort_on_fail", FIELD_BOOL, struct threshold_form, abort_on_fail),
     .preset = "false",
     .help = "end the run as soon as it does not hold; looked at once a second"},
    {ROW("delay_abort_eval", FIELD_DURATION, struct threshold_form, delay_abort_eval_ns),
     .preset = "0", .help = "how long the load goes on before it may end the run"},
};

const struct field_table threshold_table = {
    TABLE_OF(
        "threshold", threshold_fields, struct threshold_form,
        "What the result must satisfy, or the exit code says so (99). The name is a "
        "metric of\n[metrics.md](metrics.md) or of the scenario's own, alone or with a "
        "selector: `{label:value}`,\nseveral with commas. Labels are `model`, "
        "`backend`, `org_id`, `step`, `class`, `phase`, `region`,\n`target`, `group`, "
        "`arm`, `prompt_size`, of checks `check`, and all tags of the run, of classes "
        "and "
        "of\nsteps.\nA threshold without data fails."),
    .short_key = "threshold",
    .example = "thresholds:\n"
               "  ttft: [\"p(50)<500ms\", \"p(95)<2s\"]\n"
               "  availability: rate>99.9%\n"
               "  \"ttft{model:gpt-4o,step:ask}\": \"p(95)<1s\"\n"
               "  \"group_duration{group:::shop::login}\": \"p(95)<3s\"\n"
               "  \"checks{check:has models}\": rate>99%\n"
               "  \"error_rate{org_id:loadtest-org-1}\":\n"
               "    {threshold: rate<1%, min_samples: 100, abort_on_fail: true, "
               "delay_abort_eval: 30s}\n"};

/* The metric of a name, or NULL where the run will have none such. */
static const struct threshold_metric *find_metric(const struct making *making,
                                                  const char *name)
{
    const struct scenario_options *options = making->options;

    for (size_t i = 0; i < making->plan->metric_count; i++)
        if (strcmp(making->own_metrics[i].name, name) == 0)
            return &making->own_metrics[i];
    for (size_t i = 0; i < options->metric_count; i++)
        if (strcmp(options->metrics[i].name, name) == 0)
            return &options->metrics[i];
    return NULL;
}

static int refuse_metric(struct making *making, const struct config_node *key,
                         const char *metric)
{
    const struct scenario_options *options = making->options;
    const char *names[MAKING_MAX_NAMES];
    char hint[200] = "see doc/metrics.md for those there are";
    size_t count = 0;

    for (; count < options->metric_count && count < MAKING_MAX_NAMES; count++)
        names[count] = options->metrics[count].name;
    for (size_t i = 0; i < making->plan->metric_count && count < MAKING_MAX_NAMES; i++)
        names[count++] = making->plan->metrics[i].name;
    const char *meant = suggest_name(metric, names, count);

    if (meant)
        (void)snprintf(hint, sizeof(hint), "did you mean '%.100s'?", meant);
    return MAKING_REFUSE(making, key, hint, "'%s' is not a metric", metric);
}

/* "metric{label:value}" in its two parts; the metric is NULL where it was refused. */
static int split_metric(struct making *making, const struct config_node *key,
                        struct plan_threshold *threshold)
{
    const char *text = key->text;
    const size_t len = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    const size_t whole = strlen(text);
    char *metric;
    char *selector;

    if (len == 0 || (text[len] != '\0' && (text[len] != '{' || text[whole - 1] != '}')))
        return MAKING_REFUSE(making, key,
                             "write one such as ttft, or \"error_rate{org_id:one}\"",
                             "'%s' is not a metric", key->written);
    metric = arena_copy(making->arena, text);
    selector = arena_copy(making->arena, text[len] == '{' ? text + len + 1 : "");
    if (!metric || !selector)
        return -ENOMEM;
    metric[len] = '\0';
    if (*selector)
        selector[strlen(selector) - 1] = '\0';
    threshold->selector = selector;
    if (making->options->metrics && !find_metric(making, metric))
        return refuse_metric(making, key, metric);
    threshold->metric = metric;
    return 0;
}

/* Of what servers tell: one of them may be meant, and there must be some. */
static int check_backend(struct making *making, const struct config_node *key,
                         const char *metric, const struct selector *selector)
{
    const struct plan *plan = making->plan;
    const struct selector_label *name = selector_find(selector, "backend");

    if (plan->backend_count == 0)
        return MAKING_REFUSE(making, key,
                             "add 'backends: [auto]', or the URLs of their metrics",
                             "%s is told by backends, and none is asked", metric);
    if (selector->count > (name ? 1 : 0))
        return MAKING_REFUSE(making, key, "leave the others away, as in {backend:gpu-1}",
                             "%s is of backends: no label but 'backend' selects any",
                             metric);
    for (size_t i = 0; name && i < plan->backend_count; i++)
        if (plan->backends[i].name && selector_label_is(name, plan->backends[i].name))
            return 0;
    return name ? MAKING_REFUSE(making, key, "name one that 'backends' lists",
                                "'%.*s' is no backend", (int)name->value_len, name->value)
                : 0;
}

static int check_selector(struct making *making, const struct config_node *key,
                          const struct plan_threshold *threshold, bool plan_is_whole)
{
    const struct threshold_metric *metric = find_metric(making, threshold->metric);
    const bool empty = !*threshold->selector && strchr(key->text, '{');
    struct selector selector;

    if (empty || selector_parse(threshold->selector, &selector) < 0)
        return MAKING_REFUSE(making, key,
                             "write labels as {model:gpt-4o} or {model:gpt-4o,step:ask}",
                             "'{%s}' selects nothing", threshold->selector);
    if (selector.count > 0 && metric && metric->whole)
        return MAKING_REFUSE(making, key, "leave the braces away",
                             "%s is known of the whole run alone", threshold->metric);
    if (metric && !metric->of_checks && selector_find(&selector, "check"))
        return MAKING_REFUSE(making, key, "write it as checks{check:name}",
                             "%s is not of checks", threshold->metric);
    if (metric && metric->sizeless && selector_find(&selector, "prompt_size"))
        return MAKING_REFUSE(making, key, "leave prompt_size away",
                             "%s has no prompt_size", threshold->metric);
    if (plan_is_whole && metric && metric->of_slos && plan_slo_metrics(making->plan) == 0)
        return MAKING_REFUSE(
            making, key, "add 'slo: {ttft: 500ms}' to the scenario, a class or a step",
            "%s is of SLOs, and no step has any", threshold->metric);
    if (plan_is_whole && metric && metric->of_theory &&
        !(plan_selected_tps(making->plan, threshold->selector) > 0))
        return MAKING_REFUSE(making, key,
                             "give the model its theoretical_tps; where models differ, "
                             "write tps_efficiency{model:NAME} for each",
                             "%s has nothing to compare with", threshold->metric);
    if (plan_is_whole && metric && metric->of_budgets &&
        !plan_has_budgets(&making->plan->platform))
        return MAKING_REFUSE(making, key,
                             "give one its budget, as in 'platform: {organizations: "
                             "{budget: {loadtest-org-2: 1 USD}}}'",
                             "%s is of budgets, and no organization has one",
                             threshold->metric);
    if (metric && metric->of_backends)
        return plan_is_whole ? check_backend(making, key, threshold->metric, &selector)
                             : 0;
    return plan_is_whole ? selector_check(making, key, &selector) : 0;
}

/* Why there can be no drift, or NULL. */
static const char *obstacle_to_drift(const struct plan *plan,
                                     const struct threshold_metric *metric,
                                     bool plan_is_whole)
{
    uint64_t start_ns = 0;
    uint64_t end_ns = 0;

    if (metric && metric->whole)
        return "it is known of the whole run alone, and has no quarters";
    if (plan_is_whole &&
        plan_longest_sustained(plan, &start_ns, &end_ns) == plan->phase_count)
        return "a drift is of a sustained phase, and the load has none: add "
               "'- {phase: sustained, for: 30m}'";
    return NULL;
}

static int make_expression(struct making *making, const struct threshold_form *form,
                           bool plan_is_whole, struct plan_threshold *threshold)
{
    const struct config_node *place = making_place(&form->form, "threshold");
    const struct threshold_metric *metric =
        threshold->metric ? find_metric(making, threshold->metric) : NULL;
    struct threshold parsed;
    const char *hint = NULL;

    if (threshold_parse(form->expression, &parsed, &hint) < 0)
        return MAKING_REFUSE(making, place, hint, "'%s' is not a threshold",
                             place->written);
    hint = metric ? threshold_misfit(&parsed, metric->kind) : NULL;
    if (!hint && parsed.drift)
        hint = obstacle_to_drift(making->plan, metric, plan_is_whole);
    if (hint)
        return MAKING_REFUSE(making, place, hint, "'%s' does not fit %s", place->written,
                             threshold->metric);
    return making_copy(making, form->expression, &threshold->expression);
}

static int make_threshold(struct making *making, const struct threshold_form *form,
                          bool plan_is_whole, struct plan_threshold *threshold)
{
    int r = split_metric(making, form->form.key, threshold);

    threshold->min_samples = form->min_samples;
    threshold->abort_on_fail = form->abort_on_fail;
    threshold->delay_abort_eval_ns = form->delay_abort_eval_ns;
    if (r == 0 && threshold->metric)
        r = check_selector(making, form->form.key, threshold, plan_is_whole);
    if (r == 0 && form->delay_abort_eval_ns > 0 && !form->abort_on_fail)
        r = MAKING_REFUSE(making, making_place(&form->form, "delay_abort_eval"),
                          "add abort_on_fail: true, or leave it away",
                          "delay_abort_eval delays nothing here");
    return r == 0 && form->expression
               ? make_expression(making, form, plan_is_whole, threshold)
               : r;
}

/* Selectors have a price in memory: the plan may have so many, and no more. */
static int check_selectors(struct making *making, const struct threshold_form *forms,
                           const struct plan_threshold *thresholds, size_t count)
{
    size_t selectors = 0;

    for (size_t i = 0; i < count; i++) {
        bool first = thresholds[i].selector && *thresholds[i].selector;

        for (size_t j = 0; j < i && first; j++)
            first = !thresholds[j].selector ||
                    strcmp(thresholds[i].selector, thresholds[j].selector) != 0;
        selectors += first;
        if (first && selectors > PLAN_SELECTORS)
            return MAKING_REFUSE(making, forms[i].form.key, "write fewer thresholds",
                                 "more than %d different selectors", PLAN_SELECTORS);
    }
    return 0;
}

int make_thresholds(struct making *making)
{
    const struct threshold_form *forms = making->form->thresholds.items;
    const size_t count = making->form->thresholds.count;
    struct plan_threshold *thresholds = making_array(making, count, sizeof(*thresholds));
    const bool plan_is_whole = diag_count(making->diags) == 0;
    int r = thresholds ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_threshold(making, &forms[i], plan_is_whole, &thresholds[i]);
    if (r == 0)
        r = check_selectors(making, forms, thresholds, count);
    if (r < 0)
        return r;
    making->plan->thresholds = thresholds;
    making->plan->threshold_count = count;
    return 0;
}

#include "expr/threshold.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scenario/making.h"

static const struct field threshold_fields[] = {
    {ROW("expression", FIELD_TEXT, struct threshold_form, expression),
     .flags = FIELD_REQUIRED,
     .help =
         "what must hold at the end: an aggregate (`p(95)`, `avg`, `min`, `med`, `max`, "
         "`rate`, `count` or `value`), one of `<`, `<=`, `>`, `>=`, `==`, and a value "
         "(`500ms`, `5%`; bare numbers are milliseconds or fractions)"},
    {ROW("abort_on_fail", FIELD_BOOL, struct threshold_form, abort_on_fail),
     .preset = "false", .help = "end the run as soon as it does not hold"},
};

const struct field_table threshold_table = {
    TABLE_OF("threshold", threshold_fields, struct threshold_form,
             "What the result must satisfy, or the exit code says so (99). The name is a "
             "metric,\nalone or with a selector of labels."),
    .short_key = "expression",
    .example =
        "thresholds:\n"
        "  ttft: [\"p(50)<500ms\", \"p(95)<2s\"]\n"
        "  \"error_rate{org_id:loadtest-org-1}\": {expression: rate<1%, abort_on_fail: "
        "true}\n"};

/* Whether the run will have a metric of that name; without a list, any may be. */
static int check_metric(struct making *making, const struct config_node *key,
                        const char *metric)
{
    const char *const *names = making->options->metrics;
    size_t count = 0;

    if (!names)
        return 0;
    for (; names[count]; count++)
        if (strcmp(names[count], metric) == 0)
            return 0;
    const char *meant = config_suggest(metric, names, count);
    char hint[200] = "see doc/metrics.md for those there are";

    if (meant)
        (void)snprintf(hint, sizeof(hint), "did you mean '%.100s'?", meant);
    return MAKING_REFUSE(making, key, hint, "'%s' is not a metric", metric);
}

/* "metric{label:value}" in its two parts. */
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
    threshold->metric = metric;
    threshold->selector = selector;
    return check_metric(making, key, metric);
}

static int make_threshold(struct making *making, const struct threshold_form *form,
                          struct plan_threshold *threshold)
{
    const struct config_node *place = making_place(&form->form, "expression");
    struct threshold parsed;
    int r = split_metric(making, form->form.key, threshold);

    threshold->abort_on_fail = form->abort_on_fail;
    if (r < 0 || !form->expression)
        return r;
    if (threshold_parse(form->expression, &parsed) < 0)
        return MAKING_REFUSE(making, place, "write one such as p(95)<500ms or rate<5%",
                             "'%s' is not a threshold", place->written);
    return making_copy(making, form->expression, &threshold->expression);
}

int make_thresholds(struct making *making)
{
    const struct threshold_form *forms = making->form->thresholds.items;
    const size_t count = making->form->thresholds.count;
    struct plan_threshold *thresholds = making_array(making, count, sizeof(*thresholds));
    int r = thresholds ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_threshold(making, &forms[i], &thresholds[i]);
    if (r < 0)
        return r;
    making->plan->thresholds = thresholds;
    making->plan->threshold_count = count;
    return 0;
}

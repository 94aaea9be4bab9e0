#include <errno.h>
#include <string.h>

#include "base/quantity.h"
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

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " ");
}

/* Behind "p(95)" or a word, or NULL where neither stands. */
static const char *skip_aggregate(const char *at)
{
    static const char *const words[] = {"avg",  "min",   "med",  "max",
                                        "rate", "count", "value"};
    char digits[16] = "";
    size_t len;
    double percentile;

    for (size_t i = 0; i < COUNT_OF(words); i++) {
        len = strlen(words[i]);
        if (strncmp(at, words[i], len) == 0)
            return at + len;
    }
    if (strncmp(at, "p(", 2) != 0)
        return NULL;
    len = strcspn(at + 2, ")");
    if (at[2 + len] != ')' || len >= sizeof(digits))
        return NULL;
    memcpy(digits, at + 2, len);
    if (quantity_parse_number(digits, &percentile) < 0 || percentile <= 0 ||
        percentile >= 100)
        return NULL;
    return at + 2 + len + 1;
}

/* Behind the comparison, or NULL. */
static const char *skip_comparison(const char *at)
{
    static const char *const signs[] = {"<=", ">=", "==", "<", ">"};

    for (size_t i = 0; i < COUNT_OF(signs); i++) {
        if (strncmp(at, signs[i], strlen(signs[i])) == 0)
            return at + strlen(signs[i]);
    }
    return NULL;
}

static bool is_value(const char *text)
{
    uint64_t whole;
    int64_t pusd;
    double number;

    return quantity_parse_number(text, &number) == 0 ||
           quantity_parse_duration(text, &whole) == 0 ||
           quantity_parse_fraction(text, &number) == 0 ||
           quantity_parse_money(text, &pusd) == 0;
}

static bool is_expression(const char *text)
{
    const char *at = skip_aggregate(skip_blanks(text));

    at = at ? skip_comparison(skip_blanks(at)) : NULL;
    return at && is_value(at);
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
    metric = plan_arena_copy(making->arena, text);
    selector = plan_arena_copy(making->arena, text[len] == '{' ? text + len + 1 : "");
    if (!metric || !selector)
        return -ENOMEM;
    metric[len] = '\0';
    if (*selector)
        selector[strlen(selector) - 1] = '\0';
    threshold->metric = metric;
    threshold->selector = selector;
    return 0;
}

static int make_threshold(struct making *making, const struct threshold_form *form,
                          struct plan_threshold *threshold)
{
    const struct config_node *place = making_place(&form->form, "expression");
    int r = split_metric(making, form->form.key, threshold);

    threshold->abort_on_fail = form->abort_on_fail;
    if (r < 0 || !form->expression)
        return r;
    if (!is_expression(form->expression))
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

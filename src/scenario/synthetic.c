#include "scenario/synthetic.h"

#include <string.h>

#include "base/quantity.h"
#include "scenario/making.h"

/* Longer than any model reads; prompts and prefixes of it fit what throng holds in memory. */
#define MOST_TOKENS UINT64_C(1000000)
#define MOST_TOKENS_WORD "1000000"

/* In the order of enum plan_length_kind, from PLAN_LENGTH_CONSTANT on. */
static const char *const length_words[] = {"constant", "uniform", "normal", "lognormal",
                                           NULL};

static const struct field length_fields[] = {
    {ROW("tokens", FIELD_TEXT, struct length_form, tokens),
     .help = "`512`, always the same; or `100..500`, uniform in between"},
    {ROW("mean", FIELD_NUMBER, struct length_form, mean), .min = "1",
     .max = MOST_TOKENS_WORD, .unit = "tokens", .help = "of the lengths"},
    {ROW("deviation", FIELD_NUMBER, struct length_form, deviation), .min = "0",
     .max = MOST_TOKENS_WORD, .unit = "tokens",
     .help = "the standard deviation of the lengths; of `uniform` half the width"},
    {ROW("distribution", FIELD_CHOICE, struct length_form, distribution),
     .words = length_words,
     .help = "by default `normal` where there is a deviation, else `constant`"},
    {ROW("min", FIELD_COUNT, struct length_form, min), .unit = "tokens", .min = "1",
     .max = MOST_TOKENS_WORD, .preset = "1",
     .help = "none is shorter: it is drawn again"},
    {ROW("max", FIELD_COUNT, struct length_form, max), .unit = "tokens", .min = "1",
     .max = MOST_TOKENS_WORD, .preset = MOST_TOKENS_WORD,
     .help = "none is longer: it is drawn again"},
};

static const struct field_table length_table = {
    TABLE_OF("length", length_fields, struct length_form, "A number of tokens to draw."),
    .short_key = "tokens",
    .example =
        "- chat:\n"
        "    model: gpt-4o\n"
        "    synthetic: {input: {mean: 800, deviation: 300, distribution: lognormal, "
        "max: 4000}}\n"};

static const struct field synthetic_fields[] = {
    {ROW("input", FIELD_MAP, struct synthetic_form, input), .table = &length_table,
     .flags = FIELD_REQUIRED, .help = "how long prompts are"},
    {ROW("output", FIELD_MAP, struct synthetic_form, output), .table = &length_table,
     .help = "how long answers may be: sent as `max_tokens`, in place of the step's"},
    {ROW("exact_output", FIELD_BOOL, struct synthetic_form, exact_output),
     .preset = "false",
     .help = "answers are exactly so long: `min_tokens` and `ignore_eos` are sent too, "
             "which vLLM, SGLang and TGI know"},
};

const struct field_table synthetic_table = {
    TABLE_OF(
        "synthetic", synthetic_fields, struct synthetic_form,
        "Prompts of words to a length. No two are the same, unless `prefix` says so."),
    .example = "- chat:\n"
               "    model: gpt-4o\n"
               "    synthetic: {input: 512, output: 100..200, exact_output: true}\n"};

static const struct field prefix_fields[] = {
    {ROW("tokens", FIELD_COUNT, struct prefix_form, tokens), .unit = "tokens", .min = "1",
     .max = MOST_TOKENS_WORD, .flags = FIELD_REQUIRED,
     .help = "how long the beginning is"},
    {ROW("hit_ratio", FIELD_FRACTION, struct prefix_form, hit_ratio), .max = "100%",
     .preset = "100%",
     .help = "the share of requests that begin with a shared one; the others have one "
             "that nobody else has"},
    {ROW("pool", FIELD_COUNT, struct prefix_form, pool), .min = "1", .max = "1000000",
     .preset = "1", .help = "how many shared ones there are"},
};

const struct field_table prefix_table = {
    TABLE_OF(
        "prefix", prefix_fields, struct prefix_form,
        "A beginning that prompts share, so that a prefix cache can be tested with a "
        "known hit ratio."),
    .short_key = "tokens",
    .example = "- chat:\n"
               "    model: gpt-4o\n"
               "    synthetic: {input: 2000}\n"
               "    prefix: {tokens: 1500, hit_ratio: 80%, pool: 10}\n"};

/* "512" or "100..500". */
static bool parse_tokens(const char *text, struct plan_length *length)
{
    const char *dots = strstr(text, "..");
    const size_t len = dots ? (size_t)(dots - text) : strlen(text);
    char low[32] = "";

    if (len >= sizeof(low))
        return false;
    memcpy(low, text, len);
    if (quantity_parse_count(low, &length->min_tokens) < 0 || length->min_tokens < 1)
        return false;
    length->max_tokens = length->min_tokens;
    if (dots && quantity_parse_count(dots + 2, &length->max_tokens) < 0)
        return false;
    length->kind = dots ? PLAN_LENGTH_UNIFORM : PLAN_LENGTH_CONSTANT;
    length->mean_tokens = ((double)length->min_tokens + (double)length->max_tokens) / 2;
    return length->min_tokens <= length->max_tokens && length->max_tokens <= MOST_TOKENS;
}

static int make_long_form(struct making *making, const struct length_form *form,
                          struct plan_length *length)
{
    const bool deviates = form->deviation > 0;

    if (!making_has(&form->form, "mean"))
        return form->form.faulty
                   ? 0
                   : MAKING_REFUSE(making, form->form.node,
                                   "add 'mean: 512', or write a number alone",
                                   "a length without its mean");
    *length =
        (struct plan_length){.kind = deviates ? PLAN_LENGTH_NORMAL : PLAN_LENGTH_CONSTANT,
                             .mean_tokens = form->mean,
                             .deviation_tokens = form->deviation,
                             .min_tokens = form->min,
                             .max_tokens = form->max};
    if (making_has(&form->form, "distribution"))
        length->kind = (enum plan_length_kind)(form->distribution + PLAN_LENGTH_CONSTANT);
    if (length->kind != PLAN_LENGTH_CONSTANT && !deviates)
        return MAKING_REFUSE(making, making_place(&form->form, "distribution"),
                             "add 'deviation: 100', or leave 'distribution' out",
                             "a length that is drawn needs a deviation");
    if (form->min > form->max || form->mean < (double)form->min ||
        form->mean > (double)form->max)
        return MAKING_REFUSE(making, making_place(&form->form, "mean"),
                             "move mean, min or max: most draws would fall outside",
                             "the mean lies outside of min and max");
    if (length->kind == PLAN_LENGTH_UNIFORM) {
        const double low = form->mean - form->deviation;
        const double high = form->mean + form->deviation;

        if (low > (double)form->min)
            length->min_tokens = (uint64_t)low;
        if (high < (double)form->max)
            length->max_tokens = (uint64_t)high;
    }
    return 0;
}

static int make_length(struct making *making, const struct length_form *form,
                       struct plan_length *length)
{
    if (!form->form.node)
        return 0;
    if (!form->tokens)
        return make_long_form(making, form, length);
    if (parse_tokens(form->tokens, length))
        return 0;
    return MAKING_REFUSE(making, making_place(&form->form, "tokens"),
                         "write one such as 512 or 100..500, or a map with 'mean'",
                         "'%s' is not a number of tokens, 1 to " MOST_TOKENS_WORD,
                         form->tokens);
}

int make_synthetic(struct making *making, const struct synthetic_form *form,
                   struct plan_synthetic *ret_synthetic)
{
    int r = make_length(making, &form->input, &ret_synthetic->input);

    if (r == 0)
        r = make_length(making, &form->output, &ret_synthetic->output);
    ret_synthetic->exact_output = form->exact_output;
    if (r == 0 && form->exact_output && !form->output.form.node)
        r = MAKING_REFUSE(making, making_place(&form->form, "exact_output"),
                          "add 'output: 200'", "'exact_output' without 'output'");
    return r;
}

int make_prefix(struct making *making, const struct prefix_form *form,
                struct plan_prefix *ret_prefix)
{
    (void)making;
    if (!form->form.node)
        return 0;
    *ret_prefix = (struct plan_prefix){.tokens = form->tokens,
                                       .hit_ratio = form->hit_ratio,
                                       .pool = (uint32_t)form->pool};
    return 0;
}

#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "scenario/making.h"

/* In the order of enum plan_pause_kind, from PLAN_PAUSE_CONSTANT on. */
static const char *const distribution_words[] = {"constant",    "uniform",   "gaussian",
                                                 "exponential", "lognormal", NULL};

static const struct field pause_fields[] = {
    {ROW("pause", FIELD_TEXT, struct pause_form, pause),
     .help = "`3s`, always the same; `2s..5s`, uniform in between; or `none`"},
    {ROW("base", FIELD_DURATION, struct pause_form, base_ns), .max = "24h",
     .help = "the mean"},
    {ROW("variance", FIELD_DURATION, struct pause_form, variance_ns), .max = "24h",
     .help = "half the width of `uniform`, the standard deviation of `gaussian` and "
             "`lognormal`"},
    {ROW("distribution", FIELD_CHOICE, struct pause_form, distribution),
     .words = distribution_words,
     .help = "by default `uniform` where there is a variance, else `constant`"},
    {ROW("min", FIELD_DURATION, struct pause_form, min_ns), .max = "24h",
     .help = "no pause is shorter: it is drawn again"},
    {ROW("max", FIELD_DURATION, struct pause_form, max_ns), .max = "24h",
     .help = "no pause is longer: it is drawn again"},
};

const struct field_table pause_table = {
    TABLE_OF("pause", pause_fields, struct pause_form, "How long people think."),
    .short_key = "pause",
    .example =
        "think_time: {base: 3s, variance: 1500ms, distribution: gaussian, min: 500ms, "
        "max: 10s}\n"};

/* The two sides of "2s..5s". Returns whether it is such a text. */
static bool split_range(const char *text, uint64_t *ret_low_ns, uint64_t *ret_high_ns)
{
    const char *dots = strstr(text, "..");
    char low[64] = "";

    if (!dots || (size_t)(dots - text) >= sizeof(low))
        return false;
    memcpy(low, text, (size_t)(dots - text));
    return quantity_parse_duration(low, ret_low_ns) == 0 &&
           quantity_parse_duration(dots + 2, ret_high_ns) == 0;
}

static int make_short(struct making *making, const struct pause_form *form,
                      struct plan_pause *pause)
{
    const struct config_node *place = making_place(&form->form, "pause");
    uint64_t low_ns;
    uint64_t high_ns;

    if (strcmp(form->pause, "none") == 0)
        return 0;
    if (quantity_parse_duration(form->pause, &low_ns) == 0) {
        *pause = (struct plan_pause){
            .kind = PLAN_PAUSE_CONSTANT, .base_ns = low_ns, .max_ns = UINT64_MAX};
        return 0;
    }
    if (!split_range(form->pause, &low_ns, &high_ns))
        return MAKING_REFUSE(making, place,
                             "write one such as 3s, 2s..5s or none, or a map with 'base'",
                             "'%s' is not a pause", place->written);
    if (low_ns > high_ns)
        return MAKING_REFUSE(making, place, "write the shorter one first",
                             "'%s' ends before it begins", place->written);
    *pause = (struct plan_pause){.kind = PLAN_PAUSE_UNIFORM,
                                 .base_ns = low_ns + (high_ns - low_ns) / 2,
                                 .variance_ns = (high_ns - low_ns + 1) / 2,
                                 .min_ns = low_ns,
                                 .max_ns = high_ns};
    return 0;
}

static enum plan_pause_kind kind_of(const struct pause_form *form)
{
    if (making_has(&form->form, "distribution"))
        return (enum plan_pause_kind)(form->distribution + PLAN_PAUSE_CONSTANT);
    return form->variance_ns > 0 ? PLAN_PAUSE_UNIFORM : PLAN_PAUSE_CONSTANT;
}

static int check_variance(struct making *making, const struct pause_form *form,
                          enum plan_pause_kind kind)
{
    const bool given = making_has(&form->form, "variance");
    const bool wanted = kind == PLAN_PAUSE_UNIFORM || kind == PLAN_PAUSE_GAUSSIAN ||
                        kind == PLAN_PAUSE_LOGNORMAL;

    if (wanted && !given)
        return MAKING_REFUSE(making, making_place(&form->form, "distribution"),
                             "add 'variance: 1s', or leave 'distribution' out",
                             "a %s pause needs a variance",
                             distribution_words[kind - PLAN_PAUSE_CONSTANT]);
    if (!wanted && given && making_has(&form->form, "distribution"))
        return MAKING_REFUSE(making, making_place(&form->form, "variance"),
                             "leave it out, or choose uniform, gaussian or lognormal",
                             "a pause that is %s has no variance",
                             distribution_words[kind - PLAN_PAUSE_CONSTANT]);
    return 0;
}

static int check_bounds(struct making *making, const struct pause_form *form)
{
    const bool has_max = making_has(&form->form, "max");

    if (has_max && form->min_ns > form->max_ns)
        return MAKING_REFUSE(making, making_place(&form->form, "min"),
                             "make 'min' the smaller one", "min is above max");
    if (form->base_ns < form->min_ns || (has_max && form->base_ns > form->max_ns))
        return MAKING_REFUSE(making, making_place(&form->form, "base"),
                             "move base, min or max: most draws would fall outside",
                             "base lies outside of min and max");
    return 0;
}

static int refuse_mix(struct making *making, const struct pause_form *form)
{
    static const char *const keys[] = {"base", "variance", "distribution", "min", "max"};

    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        if (making_has(&form->form, keys[i]))
            return MAKING_REFUSE(making, making_place(&form->form, keys[i]),
                                 "write either 'pause', or 'base' and what belongs to it",
                                 "'%s' beside 'pause'", keys[i]);
    }
    return 0;
}

int make_pause(struct making *making, const struct pause_form *form,
               struct plan_pause *ret_pause)
{
    enum plan_pause_kind kind;
    int r;

    if (!form->form.node || form->form.node->kind == CONFIG_NULL)
        return 0;
    if (form->pause) {
        r = refuse_mix(making, form);
        return r < 0 ? r : make_short(making, form, ret_pause);
    }
    if (form->form.faulty)
        return 0; /* that was told when the form was filled */
    if (!making_has(&form->form, "base"))
        return MAKING_REFUSE(making, form->form.node, "add 'base: 3s', the mean",
                             "a pause without its base");
    kind = kind_of(form);
    r = check_variance(making, form, kind);
    if (r == 0)
        r = check_bounds(making, form);
    *ret_pause = (struct plan_pause){
        .kind = kind,
        .base_ns = form->base_ns,
        .variance_ns = form->variance_ns,
        .min_ns = form->min_ns,
        .max_ns = making_has(&form->form, "max") ? form->max_ns : UINT64_MAX,
    };
    return r;
}

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "scenario/making.h"
#include "scenario/scale.h"

static const char *const phase_words[] = {
    [PLAN_PHASE_RAMP_UP] = "ramp-up",     [PLAN_PHASE_SUSTAINED] = "sustained",
    [PLAN_PHASE_SPIKE] = "spike",         [PLAN_PHASE_PAUSE] = "pause",
    [PLAN_PHASE_COOL_DOWN] = "cool-down", NULL};
static const char *const shape_words[] = {[PLAN_SHAPE_LINEAR] = "linear",
                                          [PLAN_SHAPE_EXPONENTIAL] = "exponential",
                                          [PLAN_SHAPE_STEP] = "step",
                                          NULL};

static const struct field phase_fields[] = {
    {ROW("phase", FIELD_CHOICE, struct phase_form, phase), .words = phase_words,
     .flags = FIELD_REQUIRED,
     .help =
         "`ramp-up` and `cool-down` move to `users`; `sustained` holds; `spike` jumps to "
         "`users` and back; `pause` lets everybody go for a while"},
    {ROW("users", FIELD_COUNT, struct phase_form, users), .unit = "users",
     .max = "1000000",
     .help =
         "how many there are at the end (of a spike: during it); by default those of the "
         "phase before, of a cool-down 0"},
    {ROW("for", FIELD_DURATION, struct phase_form, for_ns), .min = "1ms", .max = "720h",
     .help = "how long a sustained phase, a spike or a pause lasts"},
    {ROW("over", FIELD_DURATION, struct phase_form, over_ns), .min = "1ms", .max = "720h",
     .help = "how long a ramp-up or cool-down takes"},
    {ROW("at", FIELD_RATE, struct phase_form, at_per_s),
     .help = "instead of `over`: how many users come or go, such as `5/s`"},
    {ROW("shape", FIELD_CHOICE, struct phase_form, shape), .words = shape_words,
     .preset = "linear", .help = "of a ramp-up or cool-down"},
    {ROW("steps", FIELD_COUNT, struct phase_form, steps), .unit = "steps", .min = "1",
     .max = "10000", .preset = "5", .help = "how many plateaus the shape `step` has"},
};

const struct field_table phase_table = {
    TABLE_OF(
        "phase", phase_fields, struct phase_form,
        "A stretch of the load. Each phase starts with as many users as the one before "
        "ended with."),
    .example = "load:\n"
               "  - {phase: ramp-up, users: 60, over: 30s}\n"
               "  - {phase: sustained, for: 5m}\n"
               "  - {phase: spike, users: 200, for: 20s}\n"
               "  - {phase: cool-down, over: 10s}\n"};

static bool is_ramp(enum plan_phase_kind kind)
{
    return kind == PLAN_PHASE_RAMP_UP || kind == PLAN_PHASE_COOL_DOWN;
}

/* Keys that have no meaning in a phase of this kind. */
static int refuse_keys(struct making *making, const struct phase_form *form,
                       enum plan_phase_kind kind)
{
    static const char *const of_ramps[] = {"over", "at", "shape", "steps"};
    int r = 0;

    for (size_t i = 0; r == 0 && !is_ramp(kind) && i < COUNT_OF(of_ramps); i++) {
        if (making_has(&form->form, of_ramps[i]))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, of_ramps[i]),
                              "write 'for: 30s' to say how long it lasts",
                              "'%s' has no meaning in a phase '%s'", of_ramps[i],
                              phase_words[kind]);
    }
    if (r == 0 && is_ramp(kind) && making_has(&form->form, "for"))
        r = MAKING_REFUSE(making, config_find_key(form->form.node, "for"),
                          "write 'over: 30s', or 'at: 5/s'",
                          "'for' has no meaning in a phase '%s'", phase_words[kind]);
    if (r == 0 && kind == PLAN_PHASE_PAUSE && making_has(&form->form, "users"))
        r = MAKING_REFUSE(making, config_find_key(form->form.node, "users"),
                          "leave it out, or make it a 'sustained' phase",
                          "nobody is there in a pause");
    return r;
}

static int require_users(struct making *making, const struct phase_form *form,
                         enum plan_phase_kind kind, uint64_t before, bool is_before_known)
{
    if (making_has(&form->form, "users"))
        return 0;
    if (kind == PLAN_PHASE_RAMP_UP || kind == PLAN_PHASE_SPIKE)
        return MAKING_REFUSE(making, form->form.node, "add 'users: 50'",
                             "a phase '%s' that does not say for how many users",
                             phase_words[kind]);
    if (kind == PLAN_PHASE_SUSTAINED && before == 0 && is_before_known)
        return MAKING_REFUSE(making, form->form.node,
                             "add 'users: 50', or put a ramp-up before it",
                             "a sustained phase that holds no users");
    return 0;
}

/* Exactly one of `over` and `at` says how long a ramp takes, `for` how long all else does. */
static int require_duration(struct making *making, const struct phase_form *form,
                            enum plan_phase_kind kind)
{
    const bool over = making_has(&form->form, "over");
    const bool at = making_has(&form->form, "at");

    if (!is_ramp(kind))
        return making_has(&form->form, "for")
                   ? 0
                   : MAKING_REFUSE(making, form->form.node, "add 'for: 30s'",
                                   "a phase '%s' that does not say how long it lasts",
                                   phase_words[kind]);
    if (over && at)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "at"),
                             "keep one of them", "both 'over' and 'at'");
    if (!over && !at)
        return MAKING_REFUSE(making, form->form.node, "add 'over: 30s', or 'at: 5/s'",
                             "a phase '%s' that does not say how long it takes",
                             phase_words[kind]);
    return 0;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
    return a > b ? a - b : b - a;
}

/* The duration of a ramp `at` a rate. */
static int duration_at_rate(struct making *making, const struct phase_form *form,
                            struct plan_phase *phase)
{
    const double users = (double)distance(phase->from_users, phase->users);
    const double seconds = form->at_per_s > 0 ? users / form->at_per_s : (double)INFINITY;
    const struct config_node *place = making_place(&form->form, "at");

    if (seconds > 720.0 * 3600)
        return MAKING_REFUSE(making, place, "write a higher rate",
                             "at %s the phase would take more than 30 days",
                             place->written);
    phase->duration_ns = (uint64_t)llround(seconds * (double)NS_PER_S);
    return 0;
}

static int make_phase(struct making *making, const struct phase_form *form,
                      uint64_t before, bool is_before_known, struct plan_phase *phase)
{
    const enum plan_phase_kind kind = (enum plan_phase_kind)form->phase;
    const bool has_users = making_has(&form->form, "users");
    int r = 0;

    phase->kind = kind;
    phase->shape = (enum plan_shape)form->shape;
    phase->steps = (uint32_t)form->steps;
    phase->from_users = before;
    phase->users = has_users || kind == PLAN_PHASE_COOL_DOWN ? form->users : before;
    if (kind == PLAN_PHASE_PAUSE)
        phase->users = 0;
    phase->duration_ns = is_ramp(kind) ? form->over_ns : form->for_ns;
    if (form->form.faulty)
        return 0;
    r = refuse_keys(making, form, kind);
    if (r == 0)
        r = require_users(making, form, kind, before, is_before_known);
    if (r == 0)
        r = require_duration(making, form, kind);
    if (r == 0 && is_ramp(kind) && form->at_per_s > 0)
        r = duration_at_rate(making, form, phase);
    return r;
}

/* The kind's word, with -2, -3, … where it repeats. */
static int name_phase(struct making *making, struct plan_phase *phases, size_t at)
{
    char name[64];
    size_t same = 1;

    for (size_t i = 0; i < at; i++)
        same += phases[i].kind == phases[at].kind;
    if (same == 1)
        return making_copy(making, plan_phase_kind_name(phases[at].kind),
                           &phases[at].name);
    (void)snprintf(name, sizeof(name), "%s-%zu", plan_phase_kind_name(phases[at].kind),
                   same);
    return making_copy(making, name, &phases[at].name);
}

static int scale(struct making *making, struct plan_phase *phases)
{
    struct plan *plan = making->plan;
    const struct diag_place place = {"--users", 0, 0, 0};

    if (making->options->users > 0 &&
        !scale_users(phases, plan->phase_count, making->options->users) &&
        diag_count(making->diags) == 0)
        return making_noted(diag_add(making->diags, place, "give a phase some users",
                                     "the load has no users that could be scaled"));
    if (making->options->duration_ns > 0)
        scale_duration(plan, phases, making->options->duration_ns);
    return 0;
}

static int check_load(struct making *making)
{
    const struct scenario_form *form = making->form;
    const struct plan *plan = making->plan;
    const struct config_node *place = making_place(&form->form, "load");

    if (making_is_empty_list(&form->form, "load"))
        return MAKING_REFUSE(making, place,
                             "add '- {phase: sustained, users: 10, for: 1m}'",
                             "a load without phases");
    if (diag_count(making->diags) > 0)
        return 0; /* what follows may have the same cause */
    if (plan_peak_users(plan) == 0)
        return MAKING_REFUSE(making, place, "write 'users:' into one of the phases",
                             "a load without users");
    if (plan->warm_up_ns + plan->cool_down_out_ns >= plan_duration_ns(plan))
        return MAKING_REFUSE(making, making_place(&form->form, "warm_up"),
                             "make it shorter than the load",
                             "warm_up and cool_down_out leave nothing to be measured");
    return 0;
}

int make_load(struct making *making)
{
    const struct phase_form *forms = making->form->load.items;
    const size_t count = making->form->load.count;
    struct plan_phase *phases = making_array(making, count, sizeof(*phases));
    bool is_before_known = true; /* not behind a phase with a mistake */
    uint64_t before = 0;
    int r = phases ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        r = make_phase(making, &forms[i], before, is_before_known, &phases[i]);
        if (r == 0)
            r = name_phase(making, phases, i);
        before = plan_phase_end_users(&phases[i]);
        is_before_known &= !forms[i].form.faulty;
    }
    if (r < 0)
        return r;
    making->plan->phases = phases;
    making->plan->phase_count = count;
    r = scale(making, phases);
    return r < 0 ? r : check_load(making);
}

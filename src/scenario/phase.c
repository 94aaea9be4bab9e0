#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "scenario/making.h"
#include "scenario/open_loop.h"
#include "scenario/replay.h"
#include "scenario/scale.h"

/* Arrivals a second that a phase may ask for: their moments are whole nanoseconds. */

static const char *const phase_words[] = {[PLAN_PHASE_RAMP_UP] = "ramp-up",
                                          [PLAN_PHASE_SUSTAINED] = "sustained",
                                          [PLAN_PHASE_SPIKE] = "spike",
                                          [PLAN_PHASE_PAUSE] = "pause",
                                          [PLAN_PHASE_COOL_DOWN] = "cool-down",
                                          [PLAN_PHASE_REPLAY] = "replay",
                                          NULL};
static const char *const shape_words[] = {[PLAN_SHAPE_LINEAR] = "linear",
                                          [PLAN_SHAPE_EXPONENTIAL] = "exponential",
                                          [PLAN_SHAPE_STEP] = "step",
                                          NULL};

static const struct field phase_fields[] = {
    {ROW("phase", FIELD_CHOICE, struct phase_form, phase), .words = phase_words,
     .flags = FIELD_REQUIRED,
     .help =
         "`ramp-up` and `cool-down` move to `users` or `rate`; `sustained` holds; "
         "`spike` "
         "jumps there and back; `pause` lets everybody go for a while; `replay` sends "
         "what a trace holds, and is the only phase of its load"},
    {ROW("users", FIELD_COUNT, struct phase_form, users), .unit = "users",
     .max = "1000000",
     .help =
         "how many there are at the end (of a spike: during it); by default those of the "
         "phase before, of a cool-down 0"},
    {ROW("rate", FIELD_RATE, struct phase_form, rate_per_s),
     .help =
         "in place of `users`: an open loop, in which so many arrive, such as `50/s`, "
         "however many are still at it; see [arrivals](#arrivals)"},
    {ROW("for", FIELD_DURATION, struct phase_form, for_ns), .min = "1ms", .max = "720h",
     .help =
         "how long a sustained phase, a spike or a pause lasts; of a replay: how much "
         "of the trace is sent, in its own time"},
    {ROW("over", FIELD_DURATION, struct phase_form, over_ns), .min = "1ms", .max = "720h",
     .help = "how long a ramp-up or cool-down takes"},
    {ROW("at", FIELD_RATE, struct phase_form, at_per_s),
     .help = "instead of `over`: how many users come or go, such as `5/s`"},
    {ROW("shape", FIELD_CHOICE, struct phase_form, shape), .words = shape_words,
     .preset = "linear", .help = "of a ramp-up or cool-down"},
    {ROW("steps", FIELD_COUNT, struct phase_form, steps), .unit = "steps", .min = "1",
     .max = "10000", .preset = "5", .help = "how many plateaus the shape `step` has"},
    REPLAY_ROWS,
};

const struct field_table phase_table = {
    TABLE_OF(
        "phase", phase_fields, struct phase_form,
        "A stretch of the load. Each phase starts with as many users, or with the rate, "
        "that the one before ended with."),
    .example = "load:\n"
               "  - {phase: ramp-up, users: 60, over: 30s}\n"
               "  - {phase: sustained, for: 5m}\n"
               "  - {phase: spike, users: 200, for: 20s}\n"
               "  - {phase: cool-down, over: 10s}\n"};

static bool is_ramp(enum plan_phase_kind kind)
{
    return kind == PLAN_PHASE_RAMP_UP || kind == PLAN_PHASE_COOL_DOWN;
}

/* What phases are made after each other with. */
struct course {
    bool is_open;   /* phases have rates, else users */
    uint64_t users; /* the level that the one before ended with */
    double rate_per_s;
    bool is_known; /* not behind a phase with a mistake */
};

/* What the level of this load is called, and how one is written. */
static const char *level_key(const struct course *course)
{
    return course->is_open ? "rate" : "users";
}

static const char *level_hint(const struct course *course)
{
    return course->is_open ? "add 'rate: 50/s'" : "add 'users: 50'";
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
    return r;
}

/* Of users and rate: what a phase may say in this load. */
static int refuse_levels(struct making *making, const struct phase_form *form,
                         const struct course *course)
{
    const char *other = course->is_open ? "users" : "rate";
    const char *mine = level_key(course);

    if (making_has(&form->form, other))
        return MAKING_REFUSE(making, config_find_key(form->form.node, other),
                             "write 'rate' in all phases, or 'users' in all of them",
                             "a load with both users and rates: it is either people who "
                             "come again and again, or arrivals");
    if (form->phase == PLAN_PHASE_PAUSE && making_has(&form->form, mine))
        return MAKING_REFUSE(making, config_find_key(form->form.node, mine),
                             "leave it out, or make it a 'sustained' phase",
                             course->is_open ? "nobody arrives in a pause"
                                             : "nobody is there in a pause");
    if (course->is_open && form->rate_per_s > PLAN_RATE_MOST_PER_S)
        return MAKING_REFUSE(making, config_find_key(form->form.node, mine),
                             "share the load among workers",
                             "more than a million arrivals a second");
    if (course->is_open && making_has(&form->form, "at"))
        return MAKING_REFUSE(making, config_find_key(form->form.node, "at"),
                             "write 'over: 30s' to say how long it takes",
                             "'at' says how fast users come, and here arrivals do");
    return 0;
}

static int require_level(struct making *making, const struct phase_form *form,
                         enum plan_phase_kind kind, const struct course *course)
{
    const bool was_level = course->is_open ? course->rate_per_s > 0 : course->users > 0;

    if (making_has(&form->form, level_key(course)))
        return 0;
    if (kind == PLAN_PHASE_RAMP_UP || kind == PLAN_PHASE_SPIKE)
        return MAKING_REFUSE(making, form->form.node, level_hint(course),
                             "a phase '%s' that does not say for how many %s",
                             phase_words[kind],
                             course->is_open ? "arrivals a second" : "users");
    if (kind == PLAN_PHASE_SUSTAINED && !was_level && course->is_known)
        return MAKING_REFUSE(
            making, form->form.node,
            course->is_open ? "add 'rate: 50/s', or put a ramp-up before it"
                            : "add 'users: 50', or put a ramp-up before it",
            "a sustained phase that holds no %s", course->is_open ? "rate" : "users");
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
        return MAKING_REFUSE(
            making, form->form.node,
            making_has(&form->form, "rate") ? "add 'over: 30s'"
                                            : "add 'over: 30s', or 'at: 5/s'",
            "a phase '%s' that does not say how long it takes", phase_words[kind]);
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

/* Where it begins and where it ends. */
static void set_levels(const struct phase_form *form, const struct course *course,
                       struct plan_phase *phase)
{
    const bool is_said = making_has(&form->form, level_key(course));
    const bool is_new = is_said || phase->kind == PLAN_PHASE_COOL_DOWN;

    phase->from_users = course->users;
    phase->from_rate_per_s = course->rate_per_s;
    if (phase->kind == PLAN_PHASE_PAUSE)
        return;
    phase->users = is_new ? form->users : course->users;
    phase->rate_per_s = is_new ? form->rate_per_s : course->rate_per_s;
    if (course->is_open)
        phase->users = 0;
    else
        phase->rate_per_s = 0;
}

static int make_phase(struct making *making, const struct phase_form *form,
                      const struct course *course, struct plan_phase *phase)
{
    const enum plan_phase_kind kind = (enum plan_phase_kind)form->phase;
    int r = 0;

    phase->kind = kind;
    phase->shape = (enum plan_shape)form->shape;
    phase->steps = (uint32_t)form->steps;
    phase->duration_ns = is_ramp(kind) ? form->over_ns : form->for_ns;
    r = replay_check_keys(making, form, kind);
    if (r == 0 && kind == PLAN_PHASE_REPLAY)
        return make_replay(making, form, phase);
    set_levels(form, course, phase);
    if (r < 0 || form->form.faulty)
        return r;
    r = refuse_keys(making, form, kind);
    if (r == 0)
        r = refuse_levels(making, form, course);
    if (r == 0)
        r = require_level(making, form, kind, course);
    if (r == 0)
        r = require_duration(making, form, kind);
    if (r == 0 && is_ramp(kind) && form->at_per_s > 0 && !course->is_open)
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

/* An option that asks for what the load has not. */
static int refuse_option(struct making *making, const char *option, const char *hint,
                         const char *sentence)
{
    const struct diag_place place = {option, 0, 0, 0};

    return diag_count(making->diags) > 0
               ? 0
               : making_noted(diag_add(making->diags, place, hint, "%s", sentence));
}

static int scale(struct making *making, struct plan_phase *phases, bool is_open)
{
    const struct scenario_options *options = making->options;
    struct plan *plan = making->plan;
    int r = 0;

    if (options->users > 0 && !is_open &&
        !scale_users(phases, plan->phase_count, options->users))
        r = refuse_option(making, "--users", "give a phase some users",
                          "the load has no users that could be scaled");
    if (r == 0 && options->rate_per_s > PLAN_RATE_MOST_PER_S)
        r = refuse_option(making, "--rate", "share the load among workers",
                          "more than a million arrivals a second");
    else if (r == 0 && options->rate_per_s > 0 &&
             (!is_open || !scale_rates(phases, plan->phase_count, options->rate_per_s)))
        r = refuse_option(making, "--rate",
                          "give its phases a 'rate', or scale '--users'",
                          "the load has no rates that could be scaled");
    if (r == 0 && options->duration_ns > 0)
        scale_duration(plan, phases, options->duration_ns);
    return r;
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
    if (plan_is_open(plan) && !plan->replay.path && plan_peak_rate(plan) <= 0)
        return MAKING_REFUSE(making, place, "write 'rate:' into one of the phases",
                             "a load without arrivals");
    if (plan_peak_users(plan) == 0)
        return MAKING_REFUSE(making, place, "write 'users:' into one of the phases",
                             "a load without users");
    /* A replay has no length before its trace is read. */
    if (!plan->replay.path &&
        plan->warm_up_ns + plan->cool_down_out_ns >= plan_duration_ns(plan))
        return MAKING_REFUSE(making, making_place(&form->form, "warm_up"),
                             "make it shorter than the load",
                             "warm_up and cool_down_out leave nothing to be measured");
    return 0;
}

/* Whether any phase has a rate, or a trace says when: all of them should then. */
static bool is_open_loop(const struct phase_form *forms, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (making_has(&forms[i].form, "rate") || forms[i].phase == PLAN_PHASE_REPLAY)
            return true;
    return false;
}

int make_load(struct making *making)
{
    const struct phase_form *forms = making->form->load.items;
    const size_t count = making->form->load.count;
    struct plan_phase *phases = making_array(making, count, sizeof(*phases));
    struct course course = {.is_open = is_open_loop(forms, count), .is_known = true};
    int r = phases ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++) {
        r = make_phase(making, &forms[i], &course, &phases[i]);
        if (r == 0)
            r = name_phase(making, phases, i);
        course.users = plan_phase_end_users(&phases[i]);
        course.rate_per_s = plan_phase_end_rate(&phases[i]);
        course.is_known &= !forms[i].form.faulty;
    }
    if (r < 0)
        return r;
    making->plan->phases = phases;
    making->plan->phase_count = count;
    r = check_replay(making);
    if (r == 0)
        r = scale(making, phases, course.is_open);
    if (r == 0)
        r = course.is_open ? make_open_loop(making) : refuse_arrivals(making);
    return r < 0 ? r : check_load(making);
}

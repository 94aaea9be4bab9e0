/*
 * Arrivals of an open loop: how they follow each other, and who takes them.
 */
#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "scenario/making.h"
#include "scenario/open_loop.h"

/* Where the scenario does not say how many people there are: as many as iterations of 30 s keep busy. */
#define PRESET_BUSY_S 30.0
#define PRESET_LEAST 10.0
#define PRESET_MOST 100000.0
/* Of a replay, whose trace is not read yet: it should not be people that it waits for. */
#define PRESET_OF_REPLAY 500

static const char *const distribution_words[] = {"constant", "poisson", "gamma", NULL};
static const enum plan_arrival_kind kinds[] = {
    PLAN_ARRIVALS_CONSTANT, PLAN_ARRIVALS_POISSON, PLAN_ARRIVALS_GAMMA};

enum { CONSTANT, POISSON, GAMMA };

static const struct field arrivals_fields[] = {
    {ROW("distribution", FIELD_CHOICE, struct arrivals_form, distribution),
     .words = distribution_words, .preset = "poisson",
     .help = "`constant`: evenly; `poisson`: each by itself, as people are; `gamma`: as "
             "`burstiness` says"},
    {ROW("burstiness", FIELD_NUMBER, struct arrivals_form, burstiness), .min = "0.01",
     .max = "100", .preset = "1",
     .help = "of `gamma`: 1 is poisson, below it they come in bursts, above it more "
             "evenly (vLLM's `--burstiness`)"},
    {ROW("users", FIELD_COUNT, struct arrivals_form, users), .unit = "users", .min = "1",
     .max = "1000000",
     .help = "people who take them, one at a time; by default thirty for each arrival a "
             "second at the peak, and at least 10; of a replay 500"},
    {ROW("max_wait", FIELD_DURATION, struct arrivals_form, max_wait_ns), .max = "24h",
     .preset = "10s",
     .help = "an arrival that finds nobody free waits so long, then it is dropped: an "
             "operation that failed, counted in `dropped_iterations`"},
};

const struct field_table arrivals_table = {
    TABLE_OF("arrivals", arrivals_fields, struct arrivals_form,
             "How the arrivals of an open loop, whose phases have a `rate`, follow each "
             "other. Each is one\niteration of whoever is free, whenever the one before "
             "ends."),
    .short_key = "distribution",
    .example = "arrivals: {distribution: gamma, burstiness: 0.5, users: 200, max_wait: "
               "10s}\n"
               "load:\n"
               "  - {phase: ramp-up, rate: 50/s, over: 1m}\n"
               "  - {phase: sustained, for: 5m}\n"};

/* Of a replay: the trace says when. */
static int refuse_distribution(struct making *making)
{
    static const char *const keys[] = {"distribution", "burstiness"};
    const struct config_form *form = &making->form->arrivals.form;
    int r = 0;

    for (size_t i = 0; r == 0 && form->node && i < COUNT_OF(keys); i++)
        if (making_has(form, keys[i]))
            r = MAKING_REFUSE(
                making, config_find_key(form->node, keys[i]),
                "write no more than 'arrivals: {users: 200, max_wait: 10s}'",
                "'%s' has no meaning in a replay, whose trace says when", keys[i]);
    return r;
}

/* Burstiness alone says gamma; with another distribution it says nothing. */
static int make_distribution(struct making *making, struct plan_arrivals *arrivals)
{
    const struct arrivals_form *form = &making->form->arrivals;
    const bool is_bursty = form->form.node && making_has(&form->form, "burstiness");
    const bool is_named = form->form.node && making_has(&form->form, "distribution");

    if (making->plan->replay.path) {
        arrivals->kind = PLAN_ARRIVALS_TRACE;
        return refuse_distribution(making);
    }
    arrivals->kind = form->form.node ? kinds[form->distribution] : PLAN_ARRIVALS_POISSON;
    arrivals->burstiness = 1;
    if (!is_bursty)
        return 0;
    if (is_named && form->distribution != GAMMA)
        return MAKING_REFUSE(making, config_find_key(form->form.node, "burstiness"),
                             "write 'distribution: gamma', or leave it out",
                             "'burstiness' has no meaning where arrivals are '%s'",
                             distribution_words[form->distribution]);
    arrivals->kind = PLAN_ARRIVALS_GAMMA;
    arrivals->burstiness = form->burstiness;
    return 0;
}

static uint64_t preset_users(const struct plan *plan)
{
    if (plan->replay.path)
        return PRESET_OF_REPLAY;

    const double busy = ceil(plan_peak_rate(plan) * PRESET_BUSY_S);

    return (uint64_t)fmin(fmax(busy, PRESET_LEAST), PRESET_MOST);
}

/* What a class says of users' lives, which arrivals do not have. */
static int check_class(struct making *making, const struct class_form *form)
{
    static const struct {
        const char *key;
        const char *hint;
    } closed[] = {
        {"count", "write 'weight', a share of the arrivals"},
        {"iterations", "leave it out, or put 'repeat' into the flow"},
    };
    int r = 0;

    for (size_t i = 0; r == 0 && i < COUNT_OF(closed); i++)
        if (making_has(&form->form, closed[i].key))
            r = MAKING_REFUSE(making, config_find_key(form->form.node, closed[i].key),
                              closed[i].hint,
                              "'%s' has no meaning in an open loop, where each arrival "
                              "is one iteration",
                              closed[i].key);
    return r;
}

/* Classes with a setup have people of their own: each worker needs some. */
static int check_people(struct making *making)
{
    const struct plan *plan = making->plan;
    const struct class_form *forms = making->form->users.items;
    uint64_t weights = 0;
    int r = 0;

    for (size_t i = 0; i < plan->class_count; i++)
        weights += plan->classes[i].weight;
    for (size_t i = 0; r == 0 && i < plan->class_count; i++) {
        const struct plan_class *class = &plan->classes[i];
        const uint64_t least = 2 * (uint64_t)plan->worker_count;

        if ((class->setup == PLAN_NONE && class->teardown == PLAN_NONE) ||
            class->weight == 0 || plan->class_count == 1 ||
            plan->arrivals.users * class->weight >= least * weights)
            continue;
        r = MAKING_REFUSE(making, forms[i].form.node,
                          "raise 'arrivals.users', or give the class a larger weight",
                          "people of '%s' set up or take down something, so that nobody "
                          "else takes their arrivals: of %" PRIu64
                          " users they are fewer than %" PRIu64,
                          class->name, plan->arrivals.users, least);
    }
    return r;
}

int make_open_loop(struct making *making)
{
    const struct arrivals_form *form = &making->form->arrivals;
    const struct class_form *classes = making->form->users.items;
    struct plan_arrivals *arrivals = &making->plan->arrivals;
    int r = make_distribution(making, arrivals);

    if (form->form.faulty)
        return r;
    arrivals->users = form->form.node ? form->users : 0;
    if (arrivals->users == 0)
        arrivals->users = preset_users(making->plan);
    if (making->options->users > 0)
        arrivals->users = making->options->users;
    arrivals->max_wait_ns = form->form.node ? form->max_wait_ns : 10 * NS_PER_S;
    for (size_t i = 0; r == 0 && i < making->form->users.count; i++)
        r = check_class(making, &classes[i]);
    if (r == 0 && arrivals->users < making->plan->worker_count)
        r = MAKING_REFUSE(making, making_place(&making->form->form, "load"),
                          "raise 'arrivals.users' or '--users'",
                          "fewer people than workers: %" PRIu64 " of %" PRIu32,
                          arrivals->users, making->plan->worker_count);
    return r < 0 || diag_count(making->diags) > 0 ? r : check_people(making);
}

int refuse_arrivals(struct making *making)
{
    if (!making->form->arrivals.form.node)
        return 0;
    return MAKING_REFUSE(making, config_find_key(making->form->form.node, "arrivals"),
                         "give its phases a 'rate' in place of 'users', such as 'rate: "
                         "5/s', or leave it out",
                         "'arrivals' of a load in which nobody arrives");
}

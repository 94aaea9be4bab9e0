#include <math.h>
#include <string.h>

#include "base/cleanup.h"
#include "scenario/convert_k6.h"
#include "scenario/load_curve.h"

#define MAX_EXECUTORS 16
#define DEFAULT_MAX_DURATION_S 600

/* One of k6's scenarios, as far as it is carried over. */
struct executor {
    const char *name;
    const struct config_node *node;
    struct draft *draft;
    struct load_curve curve;
    double pause_s;        /* between two iterations; 0: none */
    double arrivals_users; /* of an open loop: people who take its arrivals */
    double iterations;     /* in all; 0: as many as there is time for */
};

struct executors {
    struct executor *items;
    size_t count;
    struct draft *draft;
    bool is_open; /* all of them have rates of arrivals */
};

typedef void executor_fn(struct executors *executors, struct executor *executor);

static double seconds_of(const struct executor *executor, const char *key,
                         double otherwise)
{
    return convert_seconds_at(executor->draft, executor->node, key, 1e-3, otherwise);
}

static double number_of(const struct executor *executor, const char *key,
                        double otherwise)
{
    return convert_number_at(executor->draft, executor->node, key, otherwise);
}

/* Stages, each from where the one before ended; factor: users for each of what they count. */
static void add_stages(struct executor *executor, double level, double factor)
{
    const struct config_node *stages = config_find(executor->node, "stages");

    for (size_t i = 0; stages && stages->kind == CONFIG_LIST && i < stages->count; i++) {
        const double target = convert_number_at(executor->draft, stages->items[i],
                                                "target", level / factor) *
                              factor;

        if (!config_find(stages->items[i], "duration"))
            draft_note(
                executor->draft,
                "%s: a stage without a `duration` that could be read is left out (a "
                "blank belongs behind its colon)",
                executor->name);
        load_curve_add(
            &executor->curve,
            convert_seconds_at(executor->draft, stages->items[i], "duration", 1e-3, 0),
            level, target);
        level = target;
    }
}

static void constant_vus(struct executors *executors, struct executor *executor)
{
    const double users = number_of(executor, "vus", 1);

    (void)executors;
    load_curve_add(&executor->curve, seconds_of(executor, "duration", 0), users, users);
}

static void ramping_vus(struct executors *executors, struct executor *executor)
{
    (void)executors;
    add_stages(executor, number_of(executor, "startVUs", 1), 1);
}

static void iterations(struct executors *executors, struct executor *executor,
                       double each)
{
    const double users = number_of(executor, "vus", 1);

    executor->iterations = number_of(executor, "iterations", 1) * (each > 0 ? users : 1);
    load_curve_add(&executor->curve,
                   seconds_of(executor, "maxDuration",
                              seconds_of(executor, "duration", DEFAULT_MAX_DURATION_S)),
                   users, users);
    if (each > 0)
        draft_note(
            executors->draft,
            "%s: the iterations are so many in all, and not the same number for each",
            executor->name);
}

static void shared_iterations(struct executors *executors, struct executor *executor)
{
    iterations(executors, executor, 0);
}

static void per_vu_iterations(struct executors *executors, struct executor *executor)
{
    iterations(executors, executor, 1);
}

/*
 * A rate of arrivals as a rate of people: each of so many VUs pauses so long that together they begin
 * as often, where answers take no time. Returns users for each arrival a second.
 */
static double users_per_arrival(struct executors *executors, struct executor *executor,
                                double peak_per_s)
{
    const double users =
        fmax(number_of(executor, "preAllocatedVUs", ceil(peak_per_s)), 1);

    executor->pause_s = peak_per_s > 0 ? users / peak_per_s : 1;
    draft_note(
        executors->draft,
        "%s: an arrival rate (up to %g/s) became %g users who pause %s: the rate where "
        "answers take no time, and less where they do",
        executor->name, peak_per_s, users,
        draft_duration(executors->draft, executor->pause_s));
    return executor->pause_s;
}

static double time_unit_s(const struct executor *executor)
{
    return fmax(seconds_of(executor, "timeUnit", 1), 1e-3);
}

/* Users, or with nothing but arrivals their rate, for each arrival a second. */
static double level_per_arrival(struct executors *executors, struct executor *executor,
                                double peak_per_s)
{
    const double allocated = number_of(executor, "preAllocatedVUs", ceil(peak_per_s));

    if (!executors->is_open)
        return users_per_arrival(executors, executor, peak_per_s);
    executor->curve.is_rate = true;
    executor->arrivals_users = fmax(number_of(executor, "maxVUs", allocated), 1);
    return 1;
}

static void constant_arrival_rate(struct executors *executors, struct executor *executor)
{
    const double per_s = number_of(executor, "rate", 1) / time_unit_s(executor);
    const double level = per_s * level_per_arrival(executors, executor, per_s);

    load_curve_add(&executor->curve, seconds_of(executor, "duration", 0), level, level);
}

static void ramping_arrival_rate(struct executors *executors, struct executor *executor)
{
    const struct config_node *stages = config_find(executor->node, "stages");
    const double start = number_of(executor, "startRate", 0);
    double peak = start;

    for (size_t i = 0; stages && stages->kind == CONFIG_LIST && i < stages->count; i++)
        peak = fmax(peak, convert_number(config_find(stages->items[i], "target"), 0));
    const double factor =
        level_per_arrival(executors, executor, peak / time_unit_s(executor)) /
        time_unit_s(executor);

    add_stages(executor, start * factor, factor);
}

static const struct {
    const char *name;
    executor_fn *read;
} kinds[] = {
    {"constant-vus", constant_vus},
    {"ramping-vus", ramping_vus},
    {"shared-iterations", shared_iterations},
    {"per-vu-iterations", per_vu_iterations},
    {"constant-arrival-rate", constant_arrival_rate},
    {"ramping-arrival-rate", ramping_arrival_rate},
    {"externally-controlled", constant_vus},
};

/* Time before it begins, in which nobody is there. */
static void put_off(struct executor *executor, double start_s)
{
    struct load_curve *curve = &executor->curve;

    if (start_s <= 0 || curve->count == LOAD_CURVE_PIECES)
        return;
    memmove(curve->pieces + 1, curve->pieces, curve->count * sizeof(curve->pieces[0]));
    curve->pieces[0] = (struct load_piece){.seconds = start_s};
    curve->count++;
}

static void add_executor(struct executors *executors, const char *name, const char *kind,
                         const struct config_node *node)
{
    static const char *const known[] = {
        "executor",   "vus",         "duration",  "stages",       "startVUs",
        "iterations", "maxDuration", "rate",      "timeUnit",     "preAllocatedVUs",
        "maxVUs",     "startRate",   "startTime", "gracefulStop", "gracefulRampDown",
        "tags",       NULL};
    struct executor *executor = &executors->items[executors->count];

    if (executors->count == MAX_EXECUTORS) {
        draft_note(executors->draft, "%s is left out: there are too many scenarios",
                   name);
        return;
    }
    *executor = (struct executor){.name = name, .node = node, .draft = executors->draft};
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0)
            kinds[i].read(executors, executor);
    if (executor->curve.count == 0) {
        draft_note(executors->draft,
                   "%s: its executor `%s` says no load: a user for a second "
                   "stands in its place",
                   name, kind);
        load_curve_add(&executor->curve, 1, 1, 1);
    }
    if (executor->pause_s > 0)
        load_curve_spread(&executor->curve, executor->pause_s);
    put_off(executor, seconds_of(executor, "startTime", 0));
    if (strcmp(name, "default") != 0)
        convert_note_others(executors->draft, node, known,
                            draft_printf(executors->draft, "%s: k6's", name));
    executors->count++;
}

bool k6_is_open(const struct config_node *options)
{
    const struct config_node *scenarios = config_find(options, "scenarios");
    bool all = scenarios && scenarios->kind == CONFIG_MAP && scenarios->count > 0;

    for (size_t i = 0; all && i < scenarios->count; i++) {
        const char *kind =
            convert_text(config_find(scenarios->entries[i].value, "executor"));

        all = kind && strstr(kind, "-arrival-rate");
    }
    return all;
}

/* What the options say: scenarios, or one of the short forms. */
static void read_executors(struct executors *executors, const struct config_node *options)
{
    const struct config_node *scenarios = config_find(options, "scenarios");
    const char *kind = config_find(options, "stages")       ? "ramping-vus"
                       : config_find(options, "iterations") ? "shared-iterations"
                       : config_find(options, "duration")   ? "constant-vus"
                                                            : "shared-iterations";

    executors->is_open = k6_is_open(options);
    if (!scenarios || scenarios->kind != CONFIG_MAP) {
        add_executor(executors, "default", kind, options);
        return;
    }
    for (size_t i = 0; i < scenarios->count; i++) {
        const struct config_node *node = scenarios->entries[i].value;
        const char *executor = convert_text(config_find(node, "executor"));

        add_executor(executors, convert_text(scenarios->entries[i].key),
                     executor ? executor : "none", node);
    }
}

/* Its share of the people, or of the arrivals, in whole numbers. */
static double weight_of(const struct executors *executors,
                        const struct executor *executor)
{
    const double peak = load_curve_peak(&executor->curve);

    /* Rates need not be whole: a thousandth is told apart. */
    return fmax(executors->is_open ? round(peak * 1000) : ceil(peak), 1);
}

static void write_class(const struct executors *executors,
                        const struct executor *executor, const char *flow)
{
    struct draft *draft = executors->draft;

    draft_line(draft, DRAFT_USERS, 1, "%s:", draft_text(draft, executor->name, false));
    if (executors->count > 1)
        draft_line(draft, DRAFT_USERS, 2, "weight: %.0f", weight_of(executors, executor));
    if (executor->pause_s > 0)
        draft_line(draft, DRAFT_USERS, 2, "think_time: %s",
                   draft_duration(draft, executor->pause_s));
    if (executors->count > 1 || config_find(executor->node, "executor"))
        convert_pairs(draft, DRAFT_USERS, 2, "tags", config_find(executor->node, "tags"));
    draft_line(draft, DRAFT_USERS, 2, "flow:");
    buf_append_str(&draft->parts[DRAFT_USERS], flow);
    if (executor->pause_s > 0 &&
        strstr(flow, "- think")) /* else it is at the flow's end anyway */
        draft_line(draft, DRAFT_USERS, 3, "- think");
}

static void write_limits(const struct executors *executors, size_t steps)
{
    struct draft *draft = executors->draft;
    double total = 0;
    size_t limited = 0;

    for (size_t i = 0; i < executors->count; i++) {
        total += executors->items[i].iterations;
        limited += executors->items[i].iterations > 0;
    }
    if (limited == executors->count)
        draft_line(draft, DRAFT_LIMITS, 0, "limits: {requests: %.0f}",
                   total * (double)steps);
    else if (limited > 0)
        draft_note(draft,
                   "numbers of iterations are left out where other scenarios have none");
}

/* The longest grace of all: people get it together. */
static void write_grace(const struct executors *executors)
{
    static const struct {
        const char *theirs;
        const char *ours;
    } keys[] = {{"gracefulStop", "graceful_stop"},
                {"gracefulRampDown", "graceful_ramp_down"}};

    for (size_t key = 0; key < COUNT_OF(keys); key++) {
        double seconds = -1;

        for (size_t i = 0; i < executors->count; i++)
            seconds =
                fmax(seconds, seconds_of(&executors->items[i], keys[key].theirs, -1));
        if (seconds >= 0)
            draft_line(executors->draft, DRAFT_LIMITS, 0, "%s: %s", keys[key].ours,
                       draft_duration(executors->draft, seconds));
    }
}

/* As k6 has it: evenly, and dropped at once where no VU is free. */
static void write_arrivals(const struct executors *executors)
{
    double users = 0;

    if (!executors->is_open)
        return;
    for (size_t i = 0; i < executors->count; i++)
        users += executors->items[i].arrivals_users;
    draft_line(executors->draft, DRAFT_LOAD, 0,
               "arrivals: {distribution: constant, users: %.0f, max_wait: 0s}", users);
}

void k6_write_load(const struct config_node *options, const char *flow, size_t steps,
                   struct draft *draft)
{
    struct executors executors = {.draft = draft};
    const struct load_curve *curves[MAX_EXECUTORS];
    struct load_curve sum;

    executors.items = draft_alloc(draft, MAX_EXECUTORS, sizeof(*executors.items));
    if (!executors.items)
        return;
    read_executors(&executors, options);
    draft_line(draft, DRAFT_USERS, 0, "users:");
    for (size_t i = 0; i < executors.count; i++) {
        curves[i] = &executors.items[i].curve;
        write_class(&executors, &executors.items[i], flow);
    }
    write_arrivals(&executors);
    if (executors.count > 1) {
        load_curve_sum(curves, executors.count, &sum);
        load_curve_write(&sum, draft);
        draft_note(draft,
                   "all scenarios have the same flow, and the same share of the %s all "
                   "the time: "
                   "that of their peaks",
                   executors.is_open ? "arrivals" : "people");
    } else if (executors.count == 1) {
        load_curve_write(curves[0], draft);
    }
    write_limits(&executors, steps);
    write_grace(&executors);
}

#include "engine/capacity.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/capacity_level.h"
#include "engine/capacity_search.h"
#include "engine/engine.h"
#include "measure/backend_book.h"
#include "plan/plan.h"

/* A hold is looked at so often, each time as long again, before it is taken as it is. */
#define LOOKS 3
/*
 * The chance of a wrong verdict on each side, over all looks (Bonferroni): 2.5%. What is so clear that it
 * ends a hold early is looked at more often, and must be clearer.
 */
#define ERROR (0.025 / LOOKS)
#define EARLY_ERROR 1e-4
/* From this share of the hold on, a level that breaks that clearly is not held any longer. */
#define EARLY 0.25
/* A trial of a recovery is short: so much of a hold, or what a level takes to settle. */
#define RECOVERY_SHARE 0.25
/* Trials of a recovery at one level; in an open loop a queue has to drain, which half the load leaves room for. */
#define PATIENCE 4
#define OPEN_PATIENCE 16
#define OPEN_RELIEF 0.5
/* An open loop that does so much less than arrives, of so many, is not held any longer either. */
#define FAR_BEHIND 0.8
#define FAR_BEHIND_LEAST 20
/* So often is a level tried that the client spoilt. */
#define SPOILT 3

/* Settling, hold and what follows it, for each level; and the one that it goes on with to the end. */
#define PHASES (3 * CAPACITY_LEVELS + 1)

enum doing { SETTLING, HOLDING, WAITING, OVER };

struct phase_name {
    char text[32];
};

struct capacity {
    struct capacity_options options;
    struct capacity_report report;
    struct capacity_search search;
    struct engine *engine;
    struct level_hold hold;
    struct plan_phase first;
    struct phase_name *names[PHASES]; /* owned: phases borrow them */
    size_t name_count;
    struct plan made;               /* what was carried out, for those who tell of it: */
    struct plan_phase *made_phases; /* owned: PHASES of them */
    uint64_t phase_start_ns;        /* of the last of them */

    double rate_per_s; /* that arrivals were last asked to have */
    enum doing doing;
    struct capacity_level level; /* at hand */
    uint64_t started_ns;
    uint64_t since_ns; /* doing that */
    unsigned looks;    /* at the hold at hand */
    unsigned spoilt;   /* trials of it, one after the other */
    uint64_t
        overload_ns; /* since when it is recovered from; 0: there is nothing to recover from */
};

DEFINE_CLEANUP(struct capacity, capacity_free)

static uint64_t settle_of(const struct capacity *capacity)
{
    if (capacity->search.stage == CAPACITY_RECOVERING)
        return 0;
    return capacity->report.level_count == 0 ? capacity->options.first_settle_ns
                                             : capacity->options.settle_ns;
}

static uint64_t hold_of(const struct capacity *capacity)
{
    const struct capacity_options *options = &capacity->options;
    const uint64_t share_ns = (uint64_t)((double)options->hold_ns * RECOVERY_SHARE);

    if (capacity->search.stage != CAPACITY_RECOVERING)
        return options->hold_ns;
    return share_ns > options->settle_ns ? share_ns : options->settle_ns;
}

/* A name that lives as long as the run; NULL: no memory, or no more of them. */
static const char *name_of(struct capacity *capacity, const char *suffix)
{
    struct phase_name *name;

    if (capacity->name_count == COUNT_OF(capacity->names))
        return NULL;
    name = malloc(sizeof(*name));
    if (!name)
        return NULL;
    (void)snprintf(name->text, sizeof(name->text), "%s%s", capacity->level.phase, suffix);
    capacity->names[capacity->name_count++] = name;
    return name->text;
}

/* The level at hand, as the search wants it. */
static void name_level(struct capacity *capacity)
{
    const enum capacity_stage stage = capacity->search.stage;

    capacity->level =
        (struct capacity_level){.stage = stage, .load = capacity->search.level};
    (void)snprintf(capacity->level.phase, sizeof(capacity->level.phase), "%s-%zu",
                   stage == CAPACITY_RECOVERING ? "recovery" : "level",
                   capacity->report.level_count + 1);
}

static struct plan_phase phase_of(const struct capacity *capacity, const char *name,
                                  uint64_t duration_ns)
{
    const double load = capacity->search.level;
    struct plan_phase phase = {
        .kind = PLAN_PHASE_SUSTAINED, .name = name, .duration_ns = duration_ns};

    if (capacity->options.by_rate) {
        phase.from_rate_per_s = load;
        phase.rate_per_s = load;
    } else {
        phase.from_users = (uint64_t)load;
        phase.users = (uint64_t)load;
    }
    return phase;
}

/* What is carried out now, in place of what was until now. */
static void note_phase(struct capacity *capacity, const struct plan_phase *phase,
                       uint64_t now_ns)
{
    struct plan *made = &capacity->made;

    if (made->phase_count == PHASES)
        return;
    if (made->phase_count > 0)
        capacity->made_phases[made->phase_count - 1].duration_ns =
            now_ns - capacity->phase_start_ns;
    capacity->made_phases[made->phase_count++] = *phase;
    capacity->phase_start_ns = now_ns;
}

int capacity_new(const struct capacity_options *options, struct capacity **ret_capacity)
{
    CLEANUP(capacity_freep) struct capacity *capacity = calloc(1, sizeof(*capacity));
    const char *name;

    if (!capacity)
        return -ENOMEM;
    capacity->options = *options;
    capacity->report = (struct capacity_report){
        .by_rate = options->by_rate,
        .people = options->by_rate ? options->plan->arrivals.users : 0,
        .slos = options->plan->thresholds,
        .slo_count = options->plan->threshold_count,
        .own_slo = options->own_slo,
        .from = options->from,
        .to = options->to,
        .resolution = options->resolution,
        .settle_ns = options->settle_ns,
        .hold_ns = options->hold_ns,
        .confirm = options->confirm,
        .asks_models_alone = plan_asks_models_alone(options->plan),
        .levels = calloc(CAPACITY_LEVELS, sizeof(struct capacity_level)),
        .is_monotone = true,
        .broke = INFINITY,
        .high = INFINITY,
    };
    capacity->made_phases = calloc(PHASES, sizeof(struct plan_phase));
    if (!capacity->report.levels || !capacity->made_phases)
        return -ENOMEM;
    capacity->made = *options->plan;
    capacity->made.thresholds = NULL;
    capacity->made.threshold_count = 0;
    capacity->made.phases = capacity->made_phases;
    capacity->made.phase_count = 0;
    capacity_search_init(&capacity->search,
                         &(struct capacity_search_options){
                             .from = options->from,
                             .to = options->to,
                             .resolution = options->resolution,
                             .whole = !options->by_rate,
                             .relief = options->by_rate ? OPEN_RELIEF : 1,
                             .patience = options->by_rate ? OPEN_PATIENCE : PATIENCE,
                             .confirm = options->confirm,
                         });
    name_level(capacity);
    name = name_of(capacity, "-settle");
    if (!name)
        return -ENOMEM;
    capacity->rate_per_s = options->from;
    capacity->first = phase_of(capacity, name, options->max_duration_ns);
    note_phase(capacity, &capacity->first, 0);
    *ret_capacity = TAKE(capacity);
    return 0;
}

struct capacity *capacity_free(struct capacity *capacity)
{
    if (!capacity)
        return NULL;
    level_hold_close(&capacity->hold);
    for (size_t i = 0; i < capacity->name_count; i++)
        free(capacity->names[i]);
    free(capacity->report.levels);
    free(capacity->made_phases);
    free(capacity);
    return NULL;
}

const struct plan_phase *capacity_first_phase(const struct capacity *capacity)
{
    return &capacity->first;
}

void capacity_open(struct capacity *capacity, struct engine *engine,
                   struct recorder *recorder)
{
    capacity->engine = engine;
    capacity->hold.report = &capacity->report;
    capacity->hold.plan = capacity->options.plan;
    capacity->hold.recorder = recorder;
}

const struct plan *capacity_plan(const struct capacity *capacity)
{
    return &capacity->made;
}

const struct capacity_report *capacity_report(const struct capacity *capacity)
{
    return &capacity->report;
}

/* Of all servers that tell of requests; 0 where what was seen of one is all that is known. */
static double server_capacity(const struct level_hold *hold)
{
    const struct backend_book *book =
        hold->recorder ? recorder_options(hold->recorder)->backends : NULL;
    double sum = 0;

    for (size_t i = 0; i < backend_book_count(book); i++) {
        struct backend_view view;

        backend_book_view(book, i, &view);
        if (view.capacity_source == BACKEND_CAPACITY_SEEN ||
            view.capacity_source == BACKEND_CAPACITY_QUEUED)
            return 0;
        sum += view.capacity;
    }
    return sum;
}

/* What the search knows by now. */
static void fill_report(struct capacity *capacity)
{
    const struct capacity_search *search = &capacity->search;
    const struct capacity_score score = capacity_search_score(search, search->held);
    const struct capacity_bracket bracket = capacity_search_bracket(search);
    struct capacity_report *report = &capacity->report;

    if (report->end == CAPACITY_SEARCHING)
        report->end = search->end;
    report->answer = search->held;
    report->broke = search->broke;
    report->low = bracket.low;
    report->high = bracket.high;
    report->trials = score.trials;
    report->held = score.held;
    report->is_monotone = capacity_search_is_monotone(search);
    report->is_hysteretic = search->is_hysteretic;
    report->recovered_at = search->recovered_at;
    report->is_stuck = search->is_stuck;
    report->server_capacity = server_capacity(&capacity->hold);
    capacity_conclude(report);
}

static void stop(struct capacity *capacity)
{
    capacity->doing = OVER;
    level_hold_close(&capacity->hold);
    engine_stop(capacity->engine, STOP_ASKED, capacity->options.plan->graceful_stop_ns);
}

/* The search cannot go on. */
static void give_up(struct capacity *capacity, enum capacity_end end)
{
    capacity_search_cut(&capacity->search);
    capacity->report.end = end;
    stop(capacity);
}

/* Arrivals follow a curve of their own, which does not know that a phase was left early. */
static int set_rate(struct capacity *capacity)
{
    const struct run_control control = engine_control(capacity->engine);
    const double load = capacity->search.level;

    /* To ask for what holds already would begin its gaps anew. */
    if (!capacity->options.by_rate || fabs(capacity->rate_per_s - load) <= 1e-9 * load)
        return 0;
    capacity->rate_per_s = load;
    return control.set_rate(control.ctx, load);
}

/* Ends the phase at hand for another one of the level's load. Returns whether it could. */
static bool enter(struct capacity *capacity, const char *suffix, enum doing doing,
                  uint64_t now_ns)
{
    const uint64_t gone_ns = now_ns - capacity->started_ns;
    const uint64_t left_ns = capacity->options.max_duration_ns > gone_ns
                                 ? capacity->options.max_duration_ns - gone_ns
                                 : 1;
    const char *name = name_of(capacity, suffix);
    const struct plan_phase phase = phase_of(capacity, name, left_ns);

    capacity->doing = doing;
    capacity->since_ns = now_ns;
    if (name && engine_append_phase(capacity->engine, &phase) >= 0 &&
        engine_leave_phase(capacity->engine) >= 0 && set_rate(capacity) >= 0) {
        note_phase(capacity, &phase, now_ns);
        return true;
    }
    give_up(capacity, CAPACITY_UNCONFIRMED);
    return false;
}

static void begin_hold(struct capacity *capacity, uint64_t now_ns)
{
    capacity->looks = 0;
    capacity->level.start_s = (double)(now_ns - capacity->started_ns) / (double)NS_PER_S;
    if (level_hold_begin(&capacity->hold, capacity->level.phase, now_ns) < 0)
        give_up(capacity, CAPACITY_UNCONFIRMED);
    else
        (void)enter(capacity, "", HOLDING, now_ns);
}

/* The next level that the search wants, or the end. */
static void begin_level(struct capacity *capacity, uint64_t now_ns)
{
    if (capacity->search.stage == CAPACITY_OVER ||
        capacity->report.level_count == CAPACITY_LEVELS) {
        capacity_search_cut(&capacity->search);
        stop(capacity);
        return;
    }
    name_level(capacity);
    if (settle_of(capacity) == 0)
        begin_hold(capacity, now_ns);
    else
        (void)enter(capacity, "-settle", SETTLING, now_ns);
}

/* An overload begins to be recovered from, or has been: how long it took. */
static void note_recovery(struct capacity *capacity, const struct capacity_level *level,
                          uint64_t now_ns)
{
    struct capacity_report *report = &capacity->report;
    const uint64_t start_ns =
        capacity->started_ns + (uint64_t)(level->start_s * (double)NS_PER_S);

    if (level->stage == CAPACITY_RECOVERING && level->held && capacity->overload_ns) {
        const uint64_t took_ns =
            start_ns > capacity->overload_ns ? start_ns - capacity->overload_ns : 0;

        report->recoveries++;
        if (took_ns > report->recovery_most_ns)
            report->recovery_most_ns = took_ns;
        capacity->overload_ns = 0;
    } else if (level->stage != CAPACITY_RECOVERING) {
        capacity->overload_ns = level->held ? 0 : now_ns;
    }
}

static void tell_search(struct capacity *capacity, const struct capacity_level *level)
{
    if (!level->is_untrusted) {
        capacity->spoilt = 0;
        capacity_search_tell(&capacity->search, level->held);
    } else if (++capacity->spoilt == SPOILT) {
        give_up(capacity, CAPACITY_CLIENT);
    }
}

/* The level at hand is judged for good. */
static void conclude_level(struct capacity *capacity, uint64_t now_ns)
{
    struct capacity_report *report = &capacity->report;
    struct capacity_level *level = &report->levels[report->level_count++];

    *level = capacity->level;
    level->is_untrusted = level->trust > capacity->options.least_trust;
    level_hold_close(&capacity->hold);
    note_recovery(capacity, level, now_ns);
    tell_search(capacity, level);
    fill_report(capacity);
    if (capacity->options.on_level)
        capacity->options.on_level(capacity->options.ctx, report, level);
    if (capacity->doing != OVER)
        begin_level(capacity, now_ns);
}

static void end_hold(struct capacity *capacity, uint64_t now_ns)
{
    level_hold_end(&capacity->hold, now_ns);
    (void)enter(capacity, "-after", WAITING, now_ns);
}

static bool is_far_behind(const struct capacity_level *level)
{
    return level->arrived_per_s * level->hold_s >= FAR_BEHIND_LEAST &&
           level->achieved_per_s < FAR_BEHIND * level->arrived_per_s;
}

/* Whether it breaks so clearly that to go on would only be more overload. */
static bool breaks_early(struct capacity *capacity, uint64_t now_ns)
{
    const double held_ns = (double)(now_ns - capacity->since_ns);

    if (held_ns < EARLY * (double)hold_of(capacity))
        return false;
    level_hold_judge(&capacity->hold, now_ns, level_hold_pending(&capacity->hold),
                     EARLY_ERROR, &capacity->level);
    if (capacity->level.breach == CAPACITY_BEHIND)
        return is_far_behind(&capacity->level);
    return capacity->level.certainty == CERTAINTY_BREAKS &&
           capacity->level.breach == CAPACITY_NO_BREACH;
}

/* Whether an SLO is on something that nothing is known of: no server told of itself yet. */
static bool lacks_data(const struct capacity *capacity)
{
    const struct capacity_level *level = &capacity->level;

    for (size_t i = 0; i < capacity->report.slo_count; i++) {
        const struct threshold_judgement *judgement = &level->slos[i].judgement;

        if (!judgement->known && !judgement->above && !judgement->ignored)
            return true;
    }
    return false;
}

static void look_at_hold(struct capacity *capacity, uint64_t now_ns)
{
    if (breaks_early(capacity, now_ns)) {
        end_hold(capacity, now_ns);
        return;
    }
    if (now_ns - capacity->since_ns < (capacity->looks + 1) * hold_of(capacity))
        return;
    capacity->looks++;
    /* What is in flight now is not waited for before it is known whether more must come. */
    level_hold_judge(&capacity->hold, now_ns, 0, ERROR, &capacity->level);
    if (capacity->level.certainty != CERTAINTY_UNDECIDED || capacity->looks == LOOKS ||
        (capacity->search.stage == CAPACITY_RECOVERING && !lacks_data(capacity)))
        end_hold(capacity, now_ns);
}

/* What was due in the hold is waited for as long as it could change the verdict. */
static void look_at_rest(struct capacity *capacity, uint64_t now_ns)
{
    const uint64_t pending = level_hold_pending(&capacity->hold);
    const uint64_t wait_ns = hold_of(capacity) > capacity->options.settle_ns
                                 ? hold_of(capacity)
                                 : capacity->options.settle_ns;

    level_hold_judge(&capacity->hold, now_ns, pending, ERROR, &capacity->level);
    if (capacity->level.certainty != CERTAINTY_UNDECIDED || pending == 0 ||
        now_ns - capacity->since_ns >= wait_ns)
        conclude_level(capacity, now_ns);
}

void capacity_tick(struct capacity *capacity, const struct run_view *view)
{
    const uint64_t now_ns = view->now_ns;

    if (view->state != RUN_LOADING || capacity->doing == OVER || !*view->phase)
        return;
    if (!capacity->started_ns) {
        capacity->started_ns = view->started_ns;
        capacity->since_ns = view->started_ns;
        capacity->phase_start_ns = view->started_ns;
    }
    if (now_ns - capacity->started_ns >= capacity->options.max_duration_ns) {
        give_up(capacity, CAPACITY_UNCONFIRMED);
        return;
    }
    switch (capacity->doing) {
    case SETTLING:
        if (now_ns - capacity->since_ns >= settle_of(capacity))
            begin_hold(capacity, now_ns);
        break;
    case HOLDING:
        look_at_hold(capacity, now_ns);
        break;
    case WAITING:
        look_at_rest(capacity, now_ns);
        break;
    case OVER:
        break;
    }
}

void capacity_finish(struct capacity *capacity)
{
    capacity_search_cut(&capacity->search);
    capacity->doing = OVER;
    level_hold_close(&capacity->hold);
    fill_report(capacity);
}

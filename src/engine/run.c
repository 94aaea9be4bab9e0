/*
 * The life of a run: following the curve, the limits' word, the stop, and the end when the last
 * user has gone. All of it happens in turns of the pacer.
 */
#include <stdio.h>

#include "engine/load_source.h"
#include "engine/parts.h"
#include "engine/user.h"
#include "measure/recorder.h"
#include "plan/plan.h"
#include "plan/roster.h"
#include "workload/uniqueness.h"

#define WARNING_BYTES 512

static bool is_stopping(const struct engine *engine)
{
    return engine->state == RUN_STOPPING || engine->state == RUN_DONE;
}

static void tell_phase(struct engine *engine)
{
    engine->observer.on_phase(engine->observer.ctx, engine_view(engine));
}

void engine_follow_curve(struct engine *engine)
{
    const uint64_t source_ns = engine->source->ops->next_ns(engine->source);
    const uint64_t schedule_ns = schedule_next_ns(&engine->schedule);
    const uint64_t next_ns = source_ns < schedule_ns ? source_ns : schedule_ns;

    if (is_stopping(engine) || engine->state == RUN_PAUSED || next_ns == UINT64_MAX)
        pacer_clear(&engine->pacer, &engine->curve_timer);
    else
        pacer_set(&engine->pacer, &engine->curve_timer, next_ns);
}

void engine_begin_stop(struct engine *engine, enum stop_reason reason,
                       uint64_t graceful_ns, uint64_t now_ns)
{
    const uint64_t by_ns = now_ns + graceful_ns;

    if (engine->state == RUN_DONE)
        return;
    if (engine->state == RUN_STOPPING) {
        if (by_ns >= engine->stop_by_ns)
            return;
        engine->stop_by_ns = by_ns;
    } else {
        engine->state = RUN_STOPPING;
        engine->stop_reason = reason;
        engine->stopped_ns = now_ns;
        engine->stop_by_ns = by_ns;
        pacer_clear(&engine->pacer, &engine->curve_timer);
        pacer_clear(&engine->pacer, &engine->duration_timer);
        engine->source->ops->close(engine->source, now_ns);
    }
    if (graceful_ns == 0)
        engine->source->ops->cut(engine->source, now_ns);
    else
        pacer_set(&engine->pacer, &engine->stop_timer, by_ns);
    engine_users_changed(engine, now_ns);
}

static void take_change(struct engine *engine, const struct schedule_change *change,
                        uint64_t now_ns)
{
    if (change->over) {
        engine_begin_stop(engine, STOP_COMPLETED, engine->plan->graceful_stop_ns, now_ns);
        tell_phase(engine);
        return;
    }
    engine->source->ops->set_level(engine->source, change->users, change->at_ns);
    engine_users_changed(engine, now_ns);
    if (change->entered)
        tell_phase(engine);
}

/*
 * Whether the source has something to do before the curve changes. What arrives as a phase begins is
 * of that phase.
 */
static bool source_is_first(const struct engine *engine)
{
    const uint64_t source_ns = engine->source->ops->next_ns(engine->source);
    const uint64_t schedule_ns = schedule_next_ns(&engine->schedule);

    return plan_is_open(engine->plan) ? source_ns < schedule_ns
                                      : source_ns <= schedule_ns;
}

/*
 * One thing at a time: a user comes or goes, or the curve changes. The timer stands at its exact
 * moment, so that what is late is done in order and does not hold up what is later still.
 */
static void on_curve(struct pacer_timer *timer, uint64_t now_ns)
{
    struct engine *engine = HEAP_ENTRY(timer, struct engine, curve_timer);
    struct load_source *source = engine->source;
    struct schedule_change change;

    if (source_is_first(engine)) {
        if (source->ops->advance(source, now_ns) < 0)
            engine_begin_stop(engine, STOP_ERROR, 0, now_ns);
    } else if (schedule_step(&engine->schedule, now_ns, &change)) {
        take_change(engine, &change, now_ns);
    }
    engine_follow_curve(engine);
}

/* Of things that are made and removed it should be known whether they were. */
#define MAKING_GRACE_NS UINT64_C(5000000000)

/* How long requests in flight may go on when all the time there is has passed. */
static uint64_t grace_of(const struct engine *engine)
{
    switch (engine->stage) {
    case ENGINE_LOAD:
        return engine->plan->graceful_stop_ns;
    case ENGINE_MAKE:
    case ENGINE_REMOVE:
        return MAKING_GRACE_NS;
    case ENGINE_SETUP:
    case ENGINE_TEARDOWN:
    case ENGINE_ORGANIZATION_SETUP:
    case ENGINE_ORGANIZATION_TEARDOWN:
        break;
    }
    return 0;
}

static void on_duration(struct pacer_timer *timer, uint64_t now_ns)
{
    struct engine *engine = HEAP_ENTRY(timer, struct engine, duration_timer);

    engine_begin_stop(engine, STOP_DURATION, grace_of(engine), now_ns);
    tell_phase(engine);
}

/* A limit asked for the end, or the time to finish is over. */
static void on_stop(struct pacer_timer *timer, uint64_t now_ns)
{
    struct engine *engine = HEAP_ENTRY(timer, struct engine, stop_timer);

    if (engine->state == RUN_STOPPING) {
        engine->source->ops->cut(engine->source, now_ns);
        return;
    }
    engine_begin_stop(engine, engine->stop_asked, engine->plan->graceful_stop_ns, now_ns);
    tell_phase(engine);
}

static void on_done(struct pacer_timer *timer, uint64_t now_ns)
{
    struct engine *engine = HEAP_ENTRY(timer, struct engine, done_timer);

    (void)now_ns;
    engine->state = RUN_DONE;
    pacer_clear(&engine->pacer, &engine->stop_timer);
    pacer_rest(&engine->pacer);
    engine->observer.on_done(engine->observer.ctx, engine_view(engine));
}

void engine_ask_stop(struct engine *engine, enum stop_reason reason, uint64_t now_ns)
{
    if (reason == STOP_NONE || is_stopping(engine) || engine->stop_asked != STOP_NONE)
        return;
    /* Not from here: somebody is in the middle of a step. */
    engine->stop_asked = reason;
    pacer_set(&engine->pacer, &engine->stop_timer, now_ns);
}

bool engine_may_send(struct engine *engine, const struct attempt *attempt,
                     uint64_t now_ns)
{
    enum stop_reason broken;

    if (attempt->step->unmeasured) /* last things are done while all others stop */
        return engine->state != RUN_PAUSED;
    broken = limits_may_send(&engine->limits, attempt_worst_pusd(attempt));
    engine_ask_stop(engine, broken, now_ns);
    return engine->state == RUN_LOADING && engine->stop_asked == STOP_NONE;
}

void engine_stop_by_step(struct engine *engine, const struct plan_stop *step,
                         uint64_t now_ns)
{
    if (engine->stop_asked == STOP_NONE && !is_stopping(engine))
        engine->stop_step = step;
    engine_ask_stop(engine, STOP_SCENARIO, now_ns);
}

static void warn(struct engine *engine, const char *sentence)
{
    if (engine->observer.on_warning)
        engine->observer.on_warning(engine->observer.ctx, sentence);
}

void engine_note_unset(struct engine *engine, uint32_t name)
{
    struct script *script = &engine->script;
    char sentence[WARNING_BYTES];

    script->unset_uses++;
    if (script->unset[name]++ > 0)
        return;
    if (!script->unset_name)
        script->unset_name = engine->plan->names[name].written;
    (void)snprintf(sentence, sizeof(sentence),
                   "'%s' has no value where it is used: nothing stands in its place",
                   engine->plan->names[name].written);
    warn(engine, sentence);
}

void engine_note_setup(struct engine *engine)
{
    char sentence[WARNING_BYTES];

    if (engine->setups_failed++ > 0)
        return;
    (void)snprintf(sentence, sizeof(sentence),
                   "a user could not be set up, and tries again: %s", engine->problem);
    warn(engine, sentence);
}

void engine_note_retired(struct engine *engine, uint32_t step)
{
    char sentence[WARNING_BYTES];

    (void)snprintf(engine->problem, sizeof(engine->problem),
                   "%s: no row is left in its file", engine->plan->steps[step].name);
    if (engine->users_retired++ > 0)
        return;
    (void)snprintf(sentence, sizeof(sentence), "%s: %s",
                   plan_is_open(engine->plan) ? "an arrival ends before its end"
                                              : "a user leaves for good",
                   engine->problem);
    warn(engine, sentence);
}

void engine_question_sent(struct engine *engine, uint64_t hash)
{
    (void)uniqueness_note(engine->uniqueness, hash);
    const uint64_t sent = uniqueness_noted(engine->uniqueness);

    recorder_questions(
        engine->recorder, sent,
        (uint64_t)(uniqueness_ratio(engine->uniqueness) * (double)sent + 0.5));
}

void engine_users_changed(struct engine *engine, uint64_t now_ns)
{
    engine->counts.wanted = engine->source->ops->wanted(engine->source);
    recorder_users(engine->recorder, now_ns, engine->counts);
    if (engine->state != RUN_STOPPING)
        return;
    if (engine->counts.active == 0 && engine->counts.leaving == 0)
        pacer_set(&engine->pacer, &engine->done_timer, now_ns);
    else /* the last one was gone, but somebody had something left to do */
        pacer_clear(&engine->pacer, &engine->done_timer);
}

uint64_t engine_leave_by_ns(const struct engine *engine, uint64_t now_ns)
{
    /* Of a run that stops, stop_timer sees to all of them. */
    return is_stopping(engine) ? UINT64_MAX
                               : now_ns + engine->plan->graceful_ramp_down_ns;
}

const struct roster_user *engine_roster_user(const struct user *user)
{
    const struct engine *engine = user->engine;
    const struct roster *roster = engine->roster;

    if (user->who)
        return user->who;
    if (!roster || roster->user_count == 0)
        return NULL;
    return &roster
                ->users[user->ordinal / engine->plan->worker_count % roster->user_count];
}

void engine_init_timers(struct engine *engine)
{
    engine->curve_timer.fn = on_curve;
    engine->duration_timer.fn = on_duration;
    engine->stop_timer.fn = on_stop;
    engine->done_timer.fn = on_done;
}

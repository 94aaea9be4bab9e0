/*
 * The engine's inside: what its parts share. engine.c owns it; users and attempts see the run
 * through it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "engine/attempt.h"
#include "engine/circuits.h"
#include "engine/engine.h"
#include "engine/limits.h"
#include "engine/pacer.h"
#include "engine/request.h"
#include "engine/schedule.h"
#include "engine/script.h"
#include "measure/run_view.h"

struct data;
struct labels;
struct load_source;
struct mix;
struct plan;
struct recorder;
struct roster;
struct roster_user;
struct uniqueness;
struct user;
struct world;

/* How many timers struct engine has, its pacer's beat included. */
#define ENGINE_TIMERS 5

#define ENGINE_PROBLEM_BYTES 400

struct engine {
    const struct plan *plan;
    const struct data *data; /* NULL: the plan has none */
    const struct roster *roster;
    struct world *world;
    struct recorder *recorder;
    struct engine_observer observer;
    uint64_t nonce;
    enum engine_stage stage;
    uint64_t max_duration_ns; /* 0: as long as it takes */

    struct pacer pacer;
    struct schedule schedule;
    struct load_source *source; /* owned */
    struct mix *mix;            /* owned: ordinal → class */
    struct limits limits;
    struct circuits circuits;
    struct request_maker maker;
    struct script script;
    struct attempt_pool attempts;
    struct uniqueness *uniqueness; /* owned: of the questions really sent */
    struct buf scratch;            /* what a user says, while it is made */
    struct list held;              /* users whose request waits for permission */
    /* owned: interned sets by class: of each step, of each group, of the class; 0: not yet known */
    uint32_t *labels;

    enum run_state state;
    enum stop_reason stop_reason;
    const struct plan_stop *stop_step; /* of STOP_SCENARIO */
    enum stop_reason stop_asked; /* by a limit: stops at the next turn of the pacer */
    uint64_t started_ns;
    uint64_t stopped_ns; /* nothing new since then; 0 before */
    uint64_t stop_by_ns; /* who is still there is cut off */
    struct user_counts counts;
    struct run_view view;
    uint64_t next_operation_id;
    bool errand_failed;     /* of stages beside the load: a request failed in one */
    uint64_t setups_failed; /* of users, who try again */
    uint64_t users_retired; /* who left, since no row was left for them */
    /* What went wrong last in a request that is not measured: "login: http_5xx (status 500): …". */
    char problem[ENGINE_PROBLEM_BYTES];

    struct pacer_timer curve_timer;    /* the next change of the load */
    struct pacer_timer duration_timer; /* limits.duration */
    struct pacer_timer stop_timer;     /* stop_asked, then stop_by_ns */
    struct pacer_timer done_timer;     /* the last one has gone */
};

/* Label sets that a class has at most before phases and organizations part them. */
size_t run_labels_per_class(const struct plan *plan);

/* The label set of a step of this user, in the phase at hand. */
uint32_t engine_labels(struct engine *engine, const struct user *user, uint32_t step);

/* The label sets of an arrival that nobody took yet: of a step, or with PLAN_NONE of the iteration. */
uint32_t engine_arrival_labels(struct engine *engine, uint32_t class_index,
                               uint32_t step);

/* The label set of a group of this user's; PLAN_NONE: of their iterations. */
uint32_t engine_group_labels(struct engine *engine, const struct user *user,
                             uint32_t group);

/* A `stop: run` step: the run stops for it, soon. */
void engine_stop_by_step(struct engine *engine, const struct plan_stop *step,
                         uint64_t now_ns);

/* A user's setup failed, for engine->problem: counted, and told once. */
void engine_note_setup(struct engine *engine);

/* No row was left for a user at this step: counted, and told once. */
void engine_note_retired(struct engine *engine, uint32_t step);

/* A name stood for nothing in a text: counted, and told once. */
void engine_note_unset(struct engine *engine, uint32_t name);

/* In whose name a user acts; NULL without a roster. */
const struct roster_user *engine_roster_user(const struct user *user);

/*
 * Asked before each request. When not, the user is held: until the run goes on, or for good where a
 * limit ends it.
 */
bool engine_may_send(struct engine *engine, const struct attempt *attempt,
                     uint64_t now_ns);

/* A question with this hash was sent. */
void engine_question_sent(struct engine *engine, uint64_t hash);

/* A limit is broken: the run stops, soon. STOP_NONE is allowed and does nothing. */
void engine_ask_stop(struct engine *engine, enum stop_reason reason, uint64_t now_ns);

/* Somebody came, went, or is leaving. */
void engine_users_changed(struct engine *engine, uint64_t now_ns);

/* When a user who leaves now is cut off; UINT64_MAX: not by a timer of their own. */
uint64_t engine_leave_by_ns(const struct engine *engine, uint64_t now_ns);

/* Says what each timer of the run does. */
void engine_init_timers(struct engine *engine);

/* Wakes up for whatever the load does next. */
void engine_follow_curve(struct engine *engine);

/* Nothing new from now on; who is still there after graceful_ns is cut off. */
void engine_begin_stop(struct engine *engine, enum stop_reason reason,
                       uint64_t graceful_ns, uint64_t now_ns);

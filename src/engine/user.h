/*
 * A simulated user: steps through their program, and waits for what it says. user_state.h is their
 * life; user_handle() is the only one that writes the state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/rng.h"
#include "engine/arm.h"
#include "engine/operation.h"
#include "engine/pacer.h"
#include "engine/program.h"
#include "engine/stepping.h"
#include "engine/user_state.h"
#include "plan/program.h"
#include "workload/conversation.h"

struct attempt;
struct engine;
struct dataset_place;
struct knowledge;
struct plan_class;
struct roster_user;

/* Timers that may run at once: a user's own and their attempt's. */
#define USER_TIMERS 2

/*
 * Of an open loop: what people draw beside their arrivals, in their setup, has keys from here on; there
 * are fewer arrivals.
 */
#define USER_PERSON_KEY (UINT64_C(1) << 34)

/* Plain memory of a population's block; only user.c writes to it. */
struct user {
    struct engine *engine; /* borrowed */
    uint64_t ordinal;      /* who they are: credentials, organization, connections */
    /*
     * What they say and draw belongs to it, and to the seed: their ordinal; in an open loop the number
     * of the arrival that they took, whoever it is that took it; where either is dealt to arms (arm.h), the
     * number that all have who say the same.
     */
    uint64_t key;
    uint64_t arrival; /* of an open loop: the number of the one they took */
    const struct plan_class *class;
    uint32_t class_index;
    enum user_state state;
    enum user_stage stage;
    bool wanted;      /* by the load source */
    bool waited;      /* something took time in this walk through a program */
    bool walk_failed; /* a request in it did */
    bool is_cut;      /* not a moment longer: nothing follows the request in hand */
    bool is_retired;  /* they have nothing left to say in this run */
    bool
        takes_arrivals; /* of an open loop: each iteration is an arrival, then they are free */
    bool is_set_up;     /* of those: their setup is behind them */
    bool entry_is_sent; /* of a replay: what their arrival stands for */
    bool last_failed;   /* the request before */
    bool was_uncertain; /* an attempt that failed may have made what it asked for */
    uint16_t last_status;

    struct pacer_timer timer; /* of THINKING, BACKING_OFF and LEAVING */
    /* In the engine's list while QUEUED without permission; of those who are free, in their source's. */
    struct list held;
    uint64_t due_ns; /* when what comes next is due */
    uint64_t
        wait_ns; /* the arrival waited so long for them: their first request is so much later */
    uint64_t pause_ns; /* the pause drawn */

    const struct plan_program *program; /* theirs alone; NULL: their class's */
    const struct roster_user *who;      /* in whose name; NULL: as the roster has them */
    struct knowledge *knowledge; /* borrowed; NULL: the scenario has none to keep */
    struct program_place place;
    uint64_t begun_ns;  /* the walk's due moment */
    uint64_t walks;     /* over the whole run: what random streams are keyed by */
    uint64_t iteration; /* likewise, without setup and teardown; from 1 */
    uint32_t texts;     /* rendered for one thing each, in this walk: likewise a key */
    uint64_t iterations_done; /* since they were wanted */
    uint64_t questions;       /* over the whole run */
    uint64_t operations;      /* likewise */
    bool leaves;              /* the rest of the iteration is not for them any more */
    struct rng flow;
    struct rng think;
    struct arm_start round; /* where iterations are dealt to arms: how the round began */
    bool is_settled;        /* likewise: what they know from setup is kept */

    struct operation_progress operation;
    struct attempt *attempt; /* owned: ready in QUEUED, in flight in ASKING and after */
    struct conversation conversations[PLAN_LOOP_DEPTH + 1]; /* one for each depth */
    struct conversation alone; /* of a request that stands alone */
    struct dataset_place
        *places; /* owned: in the plan's datasets; NULL: none was asked from */
};

/* An absent user. Both are borrowed; knowledge: NULL where the scenario keeps none. */
void user_init(struct user *user, struct engine *engine, uint64_t ordinal,
               struct knowledge *knowledge);
void user_deinit(struct user *user);

/* They are wanted since due_ns. */
void user_want(struct user *user, uint64_t due_ns, uint64_t now_ns);

/*
 * Of an open loop. They take an arrival: one iteration of its class, with all that its number makes of
 * it. Or they go through their class's setup first, or through its teardown last.
 */
struct user_arrival {
    uint64_t number;
    uint64_t due_ns;
    uint64_t wait_ns; /* it waited for somebody to be free */
};
void user_take(struct user *user, const struct user_arrival *arrival, uint64_t now_ns);
void user_set_up(struct user *user, uint64_t now_ns);
void user_take_leave(struct user *user, uint64_t now_ns);

/* They are wanted no more: they go at once, or when their request is over or its time is. */
void user_unwant(struct user *user, uint64_t now_ns);

/* They end at once, as far as the transport lets them. */
void user_cut(struct user *user, uint64_t now_ns);

/* What held their request back is gone. */
void user_let_go(struct user *user, uint64_t now_ns);

/* The conversation that a chat of theirs belongs to at this place, begun where it is not. */
struct conversation *user_conversation(struct user *user, const struct plan_chat *chat);

/* Their attempt is over: its sample is written. Frees the attempt. */
void user_attempt_over(struct user *user, uint64_t now_ns);

/* Whether they are at work or still finishing. */
bool user_is_present(const struct user *user);

/* The only way a user's state changes. */
void user_handle(struct user *user, enum user_event event, uint64_t now_ns);

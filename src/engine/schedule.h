/*
 * The schedule: phases + time → which phase it is and how many users are wanted. It is a cursor
 * that is moved from one change of the curve to the next, each with the exact moment at which the
 * curve makes it, however late one looks. Its clock, the load clock, stands still while paused.
 * It reads no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/load.h"

struct plan;

/* The curve changed. */
struct schedule_change {
    uint64_t at_ns; /* monotonic moment */
    uint64_t users; /* wanted from there on */
    bool entered;   /* another phase begins */
    bool over;      /* the last phase has ended */
};

/* The fields are private. All times but those of the absolute clock are of the load clock. */
struct schedule {
    const struct plan_phase *planned;
    size_t planned_count;
    struct plan_phase *added; /* owned: made while running */
    size_t added_count;
    size_t added_cap;
    uint64_t zero_ns;      /* absolute moment of load time 0, moved on by pauses */
    uint64_t paused_at_ns; /* absolute */
    uint64_t asked_at_ns;  /* absolute moment of the last set_users */
    uint64_t phase_start_ns;
    uint64_t offset_ns; /* into the phase: where the cursor stands */
    uint64_t next_offset_ns;
    uint64_t users;
    uint64_t users_asked; /* by set_users, in place of the curve's */
    size_t index;         /* of the phase */
    bool entered;
    bool paused;
    bool asked;           /* set_users was called */
    bool asked_pending;   /* and its change was not told yet */
    bool moved;           /* to another curve, and that was not told yet: */
    uint64_t moved_at_ns; /* absolute */
    bool left;            /* the phase was ended early, and that was not told yet: */
    uint64_t left_at_ns;  /* load time */
    bool over;
};

/* The phases are borrowed from the plan. */
void schedule_init(struct schedule *schedule, const struct plan *plan);
void schedule_deinit(struct schedule *schedule);

/* There is no load: nothing ever changes. */
void schedule_close(struct schedule *schedule);

/* Load time 0 is now. */
void schedule_start(struct schedule *schedule, uint64_t now_ns);

/*
 * Puts a phase behind the last one, from whose level it starts; the name is borrowed. Returns 0;
 * -ENOMEM; -EINVAL when the last phase is over.
 */
int schedule_append(struct schedule *schedule, const struct plan_phase *phase);

/*
 * Ends the phase at hand at now, whatever is left of it: the next one begins, or all is over. Returns
 * 0; -EINVAL before the first phase and after the last.
 */
int schedule_leave(struct schedule *schedule, uint64_t now_ns);

/* Moves to the next change if it is due by now. Returns whether there was one. */
bool schedule_step(struct schedule *schedule, uint64_t now_ns,
                   struct schedule_change *ret_change);

/* The moment of the next change, UINT64_MAX while paused and when all is over. */
uint64_t schedule_next_ns(const struct schedule *schedule);

/* Stops and starts the load clock; harmless when it stands, or goes, already. */
void schedule_pause(struct schedule *schedule, uint64_t now_ns);
void schedule_resume(struct schedule *schedule, uint64_t now_ns);

/* That many users from now on, whatever the phases say; they go by as before. */
void schedule_set_users(struct schedule *schedule, uint64_t users, uint64_t now_ns);

/*
 * Goes on with the phases of another plan, at the same load time: where that is past their end, they are
 * over. What set_users said stays. Returns 0; -EINVAL where phases were added or all is over.
 */
int schedule_follow(struct schedule *schedule, const struct plan *plan, uint64_t now_ns);

/* The phase at hand, or NULL before the first and after the last. */
const struct plan_phase *schedule_phase(const struct schedule *schedule);

/* The last of all phases; NULL: there is none. */
const struct plan_phase *schedule_last_phase(const struct schedule *schedule);

/* The rate of arrivals that the phases ask for. */
double schedule_rate(const struct schedule *schedule, uint64_t now_ns);

/* The moment of a time of the load clock, as pauses have moved it so far. */
uint64_t schedule_moment_ns(const struct schedule *schedule, uint64_t load_ns);

/* Load time gone by, left in the phase, and left in all phases. */
uint64_t schedule_elapsed_ns(const struct schedule *schedule, uint64_t now_ns);
uint64_t schedule_phase_left_ns(const struct schedule *schedule, uint64_t now_ns);
uint64_t schedule_left_ns(const struct schedule *schedule, uint64_t now_ns);

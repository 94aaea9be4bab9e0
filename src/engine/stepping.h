/*
 * Stepping: which program a user is in, and what they do next as it says. A user goes through their
 * class's setup, then its flow again and again, then its teardown.
 *
 *   SETUP ──▶ FLOW ──▶ TEARDOWN      SETUP begins anew when something in it failed;
 *                                    a user without the one or the other skips it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/user_state.h"

struct user;

enum user_stage {
    USER_STAGE_SETUP,    /* unmeasured */
    USER_STAGE_FLOW,     /* iteration by iteration */
    USER_STAGE_TEARDOWN, /* unmeasured; the last they do */
};

/* Another incarnation begins, at the user's due moment. */
void stepping_begin(struct user *user);

/*
 * Of an open loop: all that random streams and words are keyed by begins anew, as it does for a user
 * nobody has seen yet. Their iteration has the arrival's number.
 */
void stepping_rekey(struct user *user, uint64_t number);

/*
 * The last thing to do before they go, from here on. False: there is nothing, or they never got so
 * far that there would be, or they are at it.
 */
bool stepping_begin_teardown(struct user *user);

/*
 * Walks on to what comes next: ASK with the operation begun, PAUSE with the pause drawn, or FINISH.
 */
enum user_event stepping_next(struct user *user);

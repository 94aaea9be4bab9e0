/*
 * A stage of a session beside its load: the plan's run-wide setup before it, or teardown behind it.
 * A small run of its own on the session's loop, of which nothing is measured.
 */
#pragma once

#include <stdbool.h>

#include "engine/engine.h"

struct session_options;
struct variables;
struct verdicts;

/* Those of one session. The fields are private but for the variables. */
struct session_stage {
    const struct session_options *options;
    struct variables *variables; /* that the setup found; NULL: there was none */
    struct engine *engine;       /* while one goes on */
    bool is_done;
    unsigned closing; /* things that the loop still has to close */
};

/* The options are borrowed. */
void session_stage_init(struct session_stage *stage,
                        const struct session_options *options);
void session_stage_deinit(struct session_stage *stage);

/*
 * Runs the setup to its end, if the plan has one. Returns 0; SESSION_NOT_SET_UP: it failed, as verdicts
 * tells; or -errno when it could not begin.
 */
int session_stage_set_up(struct session_stage *stage, struct verdicts *verdicts);

/* Likewise the teardown; whatever fails in it is told by the verdicts. */
void session_stage_tear_down(struct session_stage *stage, struct verdicts *verdicts);

/* Whether one goes on. */
bool session_stage_is_on(const struct session_stage *stage);

/* A signal came: it ends at once. */
void session_stage_stop(struct session_stage *stage);

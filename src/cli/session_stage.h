/*
 * A stage of a session beside its load: the plan's setup before it, or teardown behind it, for the whole run
 * and for each organization. Small runs of their own on the session's loop, of which nothing is measured.
 */
#pragma once

#include <stdbool.h>

#include "cli/side_engine.h"

struct plan_program;
struct session_options;
struct tenants;
struct variables;
struct verdicts;

/* Those of one session. The fields are private but for the variables. */
struct session_stage {
    const struct session_options *options;
    struct variables *variables; /* that the setup found; NULL: there was none */
    struct side_engine side;
    const struct tenants *tenants;      /* whose organizations have stages of their own */
    const struct plan_program *program; /* of the stage of each … */
    size_t organization;                /* … the next of which is this one */
    bool stops_early;                   /* at the first that fails */
    bool has_failed;
};

/* Both are borrowed; tenants: filled when the setup begins. */
void session_stage_init(struct session_stage *stage,
                        const struct session_options *options,
                        const struct tenants *tenants);
void session_stage_deinit(struct session_stage *stage);

/*
 * Runs the setup to its end, if the plan has one: the run's, then each organization's. Returns 0; SESSION_NOT_SET_UP: it failed, as verdicts
 * tells; or -errno when it could not begin.
 */
int session_stage_set_up(struct session_stage *stage, struct verdicts *verdicts);

/* Likewise the teardown; whatever fails in it is told by the verdicts. */
void session_stage_tear_down(struct session_stage *stage, struct verdicts *verdicts);

/* Whether one goes on. */
bool session_stage_is_on(const struct session_stage *stage);

/* A signal came: it ends at once. */
void session_stage_stop(struct session_stage *stage);

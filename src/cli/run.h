/*
 * `throng run` as a part of other commands: a run whose load somebody drives while it goes on.
 */
#pragma once

#include "cli/session_driver.h"

struct command;
struct live_progress;
struct plan;
struct run_options;

struct run_driver {
    void *ctx;
    /* The scenario was loaded: may change the plan. Returns -1, else the exit code to leave with. */
    int (*prepare)(void *ctx, struct plan *plan);
    /* Progress is shown there from now on, until the run is over; it may be none. */
    void (*attach)(void *ctx, const struct live_progress *progress);
    struct session_driver session;
};

/* Runs one scenario that way: it does not follow its file. Returns its exit code. */
int run_driven(const struct command *command, const struct run_options *options,
               const char *path, const struct run_driver *driver);

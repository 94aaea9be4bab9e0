/*
 * What may be asked of a session's run by somebody who watches it: passed on to the engine, and noted as an
 * intervention, so that no result can hide one. What could not be noted is not done.
 */
#pragma once

#include <stdbool.h>

#include "measure/run_mark.h"
#include "measure/run_view.h"

/* Hears of an intervention, which the engine has carried out. Returns 0 or -errno. */
typedef int session_note_fn(void *ctx, enum run_mark_kind kind, const char *text);

struct session_control_options {
    struct run_control engine;     /* what is asked of it */
    const struct run_marks *marks; /* where note adds to; borrowed */
    session_note_fn *note;
    void *ctx;        /* note's */
    uint32_t workers; /* that share the load */
    bool is_driven;   /* a search makes the load: it may be stopped but not changed */
};

/* The fields are private. */
struct session_control {
    struct session_control_options options;
    bool is_paused; /* from here: its resume has a place among the marks */
};

void session_control_init(struct session_control *control,
                          const struct session_control_options *options);

/* As a probe is given it; valid for as long as control is. */
struct run_control session_control_of(struct session_control *control);

/*
 * The signals that ask a run to stop, SIGINT and SIGTERM, and SIGHUP, which has it read its scenario again
 * → calls on a loop. Before the load they end the program; once it is about to begin they are held back
 * until the loop can hear them, so that none can end the program between its start and its results.
 *
 * SIGHUP stops a run whose terminal has gone, as people expect of it; where it was ignored when the
 * program began (nohup) it stays ignored.
 */
#pragma once

#include <stdbool.h>

#include <uv.h>

#define STOP_SIGNAL_COUNT 3

/* A signal came. */
typedef void stop_signal_fn(void *ctx);

/* Embedded; its memory may go when stop_signals_are_open() is false. */
struct stop_signals {
    uv_signal_t handles[STOP_SIGNAL_COUNT];
    stop_signal_fn *stop;
    stop_signal_fn *reload;
    void *ctx;
    unsigned open; /* handles that the loop still knows */
};

/*
 * From now on they end the program with 105 at once, for there is nothing yet to be tidied up or to
 * be written.
 */
void stop_signals_leave(void);

/* From now on they wait, and come later at once. */
void stop_signals_hold(void);

/* Has one of the functions called for each, and lets through what was held. */
void stop_signals_init(struct stop_signals *signals, uv_loop_t *loop,
                       stop_signal_fn *stop, stop_signal_fn *reload, void *ctx);

/*
 * From now on they change nothing, for all is told and the program is about to end. The loop closes
 * the handles in its next turn.
 */
void stop_signals_close(struct stop_signals *signals);

bool stop_signals_are_open(const struct stop_signals *signals);

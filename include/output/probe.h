/*
 * Probes: those who watch a run and tell people or systems of it. Each is called always on the
 * loop, and none may block it:
 *
 *   on_start ─▶ on_tick … ─▶ on_end ─▶ judge ─▶ (results are written and shown) ─▶ on_results
 *                               └ while is_busy ┘                                       └ while is_busy
 *
 * A probe that has work left when the load is over (a last push) begins it in on_end; the loop goes
 * on until no probe is busy, and what could not be told anybody then speaks against the run. What
 * may wait until people have their results (to tidy up) begins in on_results.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct interval_view;
struct run_control;
struct run_facts;
struct run_mark;
struct run_view;
struct verdicts;

struct probe {
    const char *name; /* "progress" */
    void *ctx;
    void (*on_start)(void *ctx, const struct run_view *view);
    void (*on_tick)(void *ctx, const struct run_view *view,
                    const struct interval_view *interval);
    void (*on_end)(void *ctx, const struct run_facts *facts);

    /* All that follow may be NULL. */

    /* Before on_start: what may be asked of the run until on_end. control is borrowed until then. */
    void (*on_control)(void *ctx, const struct run_control *control);
    /* Something was noted, or done to the load; also from within what control was asked. */
    void (*on_mark)(void *ctx, const struct run_mark *mark);

    /* For those who have work left at the end: */

    /* Whether such work is under way: it must end by itself, and keep the loop alive until then. */
    bool (*is_busy)(const void *ctx);
    /* Adds what could not be done. */
    void (*judge)(void *ctx, struct verdicts *verdicts);
    void (*on_results)(void *ctx);
    /* A signal asked to stop while it was busy: it waits for nothing more. Asked again, it leaves off. */
    void (*hurry)(void *ctx);
};

/*
 * Who drives the load of a session while it goes on, in place of the phases of the scenario: it hears of
 * the engine before it starts, and of each tick behind all probes.
 */
#pragma once

struct capacity_report;
struct engine;
struct plan;
struct recorder;
struct run_view;
struct verdicts;

struct session_driver {
    void *ctx;
    void (*on_open)(void *ctx, struct engine *engine, struct recorder *recorder);
    void (*on_tick)(void *ctx, const struct run_view *view);
    /* The load is over: what can be said against the run. */
    void (*on_done)(void *ctx, struct verdicts *verdicts);
    /* The plan with its phases as they were carried out; it may grow with each tick, and outlives the session. */
    const struct plan *(*plan)(const void *ctx);
    /* What a search for capacity found; NULL: it is none. Behind on_done. */
    const struct capacity_report *(*report)(const void *ctx);
};

/*
 * Probes: those who watch a run and tell people or systems of it. The run calls each at its start,
 * once per interval and at its end, always on the loop; none may block it.
 */
#pragma once

#include <stdint.h>

struct interval_view;
struct run_facts;
struct run_view;

struct probe {
    const char *name; /* "progress" */
    void *ctx;
    void (*on_start)(void *ctx, const struct run_view *view);
    void (*on_tick)(void *ctx, const struct run_view *view,
                    const struct interval_view *interval);
    void (*on_end)(void *ctx, const struct run_facts *facts);
};

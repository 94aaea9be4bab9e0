/*
 * The world: what the engine sees of time and network. On libuv it is a monotonic clock, one
 * timerfd and the libcurl transport; in tests, `check` and `--dry-run` it is virtual time and a
 * scripted transport, in which an hour passes in milliseconds. The engine runs the same in both.
 */
#pragma once

#include <stdint.h>

struct transport;
struct world;

/* Called when the moment asked for by wake_at has come, never early. */
typedef void world_wake_fn(void *ctx, uint64_t now_ns);

struct world_ops {
    /* Monotonic ns. */
    uint64_t (*now)(struct world *world);
    /* The day it is: ns since 1970, for what people read; 0: no day is known. */
    uint64_t (*wall)(struct world *world);
    /*
     * Asks for one wake-up at an absolute moment; replaces the one asked for before.
     * UINT64_MAX: none.
     */
    void (*wake_at)(struct world *world, uint64_t at_ns);
};

struct world {
    const struct world_ops *ops;
    struct transport *transport;
    world_wake_fn *on_wake; /* set by the engine */
    void *on_wake_ctx;
};

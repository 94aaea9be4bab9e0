/*
 * The real world: CLOCK_MONOTONIC and one timerfd with absolute deadlines on a libuv loop.
 * (uv_timer has millisecond grain and fires early: BENCH.md.)
 */
#pragma once

#include <uv.h>

#include "engine/world.h"

struct uv_world;

/* Returns 0, -ENOMEM, or -errno of timerfd_create. transport is borrowed. */
int uv_world_new(uv_loop_t *loop, struct transport *transport,
                 struct uv_world **ret_world);

/* The interface to it, borrowed. */
struct world *uv_world_as_world(struct uv_world *world);

/* Stops waking; the memory is released from the loop. */
void uv_world_close(struct uv_world *world);

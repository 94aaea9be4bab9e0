/*
 * Deadlines of many transfers on a hashed wheel: setting and clearing cost a list operation, and
 * time that passes without a deadline costs nothing per transfer. Coarse on purpose (one grain
 * late at most): these are time-outs, not measurements. It reads no clock and owns no timer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

#define DEADLINE_SLOTS 256
#define DEADLINE_GRAIN_NS UINT64_C(20000000)

/* Embedded in what has the deadline. */
struct deadline {
    struct list link;
    uint64_t due_ns;
};

struct deadline_wheel {
    struct list slots[DEADLINE_SLOTS];
    uint64_t grain; /* the last grain of time that was looked at */
    size_t count;   /* deadlines set */
};

void deadline_wheel_init(struct deadline_wheel *wheel, uint64_t now_ns);

/* A deadline that is not set. */
void deadline_init(struct deadline *deadline);

/* Sets it, or moves it. */
void deadline_set(struct deadline_wheel *wheel, struct deadline *deadline,
                  uint64_t due_ns);

/* Takes it off; harmless when it is not set. */
void deadline_clear(struct deadline_wheel *wheel, struct deadline *deadline);

typedef void deadline_fn(void *ctx, struct deadline *deadline);

/* Takes off each deadline that is due and calls back; the callback may set it again. */
void deadline_expire(struct deadline_wheel *wheel, uint64_t now_ns, deadline_fn *fn,
                     void *ctx);

/*
 * The circuit breakers of a run, one for each target that has one: asks them before a request goes,
 * tells them how it ended, and says when one opens or closes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/breaker.h"

struct circuit_view;
struct engine_observer;
struct plan;

/* The fields are private. All zero: no target has one. */
struct circuits {
    struct breaker *breakers;   /* owned: by target, where any has one */
    struct circuit_view *views; /* owned: of those that have one */
    const struct plan *plan;
    const struct engine_observer *observer;
};

/* A request's right to go, given back at its end. All zero: it needs none. */
struct circuit_turn {
    uint32_t number;
    uint32_t target;
};

/* Both are borrowed. Returns 0 or -ENOMEM. */
int circuits_init(struct circuits *circuits, const struct plan *plan,
                  const struct engine_observer *observer);
void circuits_deinit(struct circuits *circuits);

/* Whether a request to a target may go. */
bool circuits_may_send(struct circuits *circuits, uint32_t target, uint64_t now_ns,
                       struct circuit_turn *ret_turn);

/* It is over. */
void circuits_over(struct circuits *circuits, const struct circuit_turn *turn,
                   enum outcome outcome, uint64_t now_ns);

/* Brings the views up to date. Returns how many there are. */
size_t circuits_look(struct circuits *circuits, uint64_t now_ns);

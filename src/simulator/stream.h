/*
 * A generation as an event stream: head, events at their times, end; and the faults of streams.
 */
#pragma once

#include <stdint.h>

#include "simulator/generation.h"

/* Sends what goes before the first token, which is due at first_ns. */
void stream_start(struct generation *generation, uint64_t first_ns);

/* Sends what is due. */
void stream_step(struct generation *generation, uint64_t now_ns);

/*
 * A generation as one JSON body, sent when the last token would have been; and its faults.
 */
#pragma once

#include <stdint.h>

#include "simulator/generation.h"

/* Waits for the last token; the first is due at first_ns. */
void plain_start(struct generation *generation, uint64_t first_ns);

/* Sends the body, as the fault demands. */
void plain_finish(struct generation *generation);

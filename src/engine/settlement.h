/*
 * Settlement: an attempt that is over, sent or not → its sample, and everybody who counts on it told:
 * recorder, limits, circuits, conversation, session.
 */
#pragma once

#include <stdint.h>

struct attempt;

/*
 * All is known: judges, counts tokens and money, completes the sample, records it. What the transfer
 * said of itself is in attempt->ending and the sample.
 */
void settlement_make(struct attempt *attempt, uint64_t end_ns);

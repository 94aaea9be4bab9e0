/*
 * The answer of an attempt as it comes in: transfer events → moments, words and usage, and at the
 * end the sample. The half of the attempt that listens.
 */
#pragma once

#include <stdint.h>

struct attempt;
struct transfer_request;

/* Hands the request to the network and listens. Returns 0, or transport_start's error. */
int answer_listen(struct attempt *attempt, const struct transfer_request *request,
                  uint64_t now_ns);

/*
 * All is known: judges, completes the sample, records it, settles with limits and conversation.
 * What the transfer said of itself is in attempt->ending and the sample.
 */
void answer_end(struct attempt *attempt, uint64_t end_ns);

/*
 * The answer of an attempt as it comes in: transfer events → moments, words and usage. The half of
 * the attempt that listens.
 */
#pragma once

#include <stdint.h>

struct attempt;
struct transfer_request;

/* Hands the request to the network and listens. Returns 0, or transport_start's error. */
int answer_listen(struct attempt *attempt, const struct transfer_request *request,
                  uint64_t now_ns);

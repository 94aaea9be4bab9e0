/*
 * Which fault strikes which request: one draw per request against the options' rates, so that at
 * most one does. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/rng.h"
#include "simulator/options.h"
#include "simulator/truth.h"

struct fault {
    enum truth_fault kind; /* TRUTH_FAULT_NONE: none strikes */
    int status;            /* of TRUTH_FAULT_STATUS */
    uint64_t after_chunks; /* output chunks that go out before it strikes */
};

/* How often any strikes: above 1 the rates make no sense. */
double fault_rate_sum(const struct simulator_options *options);

/* Whether it is a flaw of an answer that otherwise comes whole. */
bool fault_is_flaw(enum truth_fault kind);

/* Draws the fault of the request with this number. */
struct fault fault_draw(const struct simulator_options *options, uint64_t number);

/* Whether the platform is down this long after its start. */
bool fault_is_outage(const struct simulator_options *options, uint64_t since_start_ns);

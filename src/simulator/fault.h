/*
 * Which fault strikes which request: one draw per request against the options' rates, so that at
 * most one does. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "simulator/options.h"
#include "simulator/truth.h"

struct fault {
    enum truth_fault kind; /* TRUTH_FAULT_NONE: none strikes */
    int status;            /* of TRUTH_FAULT_STATUS */
    uint64_t late_ns;      /* of TRUTH_FAULT_LATE */
    uint64_t after_chunks; /* output chunks that go out before it strikes */
};

/* How often any strikes a service's requests: above 1 the rates make no sense. */
double fault_rate_sum(const struct simulator_options *options,
                      enum simulator_service service);

/* Whether it is a flaw of an answer that otherwise comes whole. */
bool fault_is_flaw(enum truth_fault kind);

/*
 * Whether an answer that is no generation can have it too, once it is due: one without a body (204) can
 * neither be cut nor drip.
 */
bool fault_is_of_any_answer(enum truth_fault kind, size_t body_len);

/* Draws the fault of the request with this number. */
struct fault fault_draw(const struct simulator_options *options,
                        enum simulator_service service, uint64_t number);

/* The time from one byte of what drips to the next. */
uint64_t fault_draw_drip_ns(const struct simulator_options *options, struct rng *rng);

/*
 * Whether a service is down this long after the start; SIMULATOR_SERVICE_COUNT: whether all of the
 * platform is.
 */
bool fault_is_outage(const struct simulator_options *options,
                     enum simulator_service service, uint64_t since_start_ns);

/* How long an outage in which the service stands still goes on; 0: there is none. */
uint64_t fault_stall_ns(const struct simulator_options *options,
                        enum simulator_service service, uint64_t since_start_ns);

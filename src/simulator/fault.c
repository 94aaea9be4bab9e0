#include "simulator/fault.h"

#include <string.h>

#include "base/clock.h"
#include "simulator/distribution.h"

static int draw_status(const struct simulator_options *options, struct rng *rng)
{
    const struct simulator_status *statuses = options->error_statuses;
    double sum = 0;
    double left;
    size_t at = 0;

    for (size_t i = 0; statuses[i].status != 0; i++)
        sum += statuses[i].weight;
    left = rng_unit(rng) * sum;
    while (statuses[at + 1].status != 0 && left >= statuses[at].weight)
        left -= statuses[at++].weight;
    return statuses[at].status;
}

#define FAULT_KINDS 14

struct fault_rate {
    enum truth_fault kind;
    double rate;
};

static void list_rates(const struct simulator_options *options,
                       enum simulator_service service,
                       struct fault_rate ret_rates[static FAULT_KINDS])
{
    const struct fault_rate rates[FAULT_KINDS] = {
        {TRUTH_FAULT_STATUS, options->error_rate.of[service]},
        {TRUTH_FAULT_RESET, options->reset_rate.of[service]},
        {TRUTH_FAULT_TRUNCATE, options->truncate_rate.of[service]},
        {TRUTH_FAULT_STALL, options->stall_rate.of[service]},
        {TRUTH_FAULT_MALFORMED, options->malformed_rate.of[service]},
        {TRUTH_FAULT_STREAM_ERROR, options->stream_error_rate.of[service]},
        {TRUTH_FAULT_DRIP, options->drip_rate.of[service]},
        {TRUTH_FAULT_NO_FINISH, options->no_finish_rate.of[service]},
        {TRUTH_FAULT_NO_DONE, options->no_done_rate.of[service]},
        {TRUTH_FAULT_AFTER_DONE, options->after_done_rate.of[service]},
        {TRUTH_FAULT_USAGE, options->wrong_usage_rate.of[service]},
        {TRUTH_FAULT_CROSSED, options->crossed_rate.of[service]},
        {TRUTH_FAULT_MIXED, options->mixed_rate.of[service]},
        {TRUTH_FAULT_LATE, options->late_rate.of[service]},
    };

    memcpy(ret_rates, rates, sizeof(rates));
}

double fault_rate_sum(const struct simulator_options *options,
                      enum simulator_service service)
{
    struct fault_rate rates[FAULT_KINDS];
    double sum = 0;

    list_rates(options, service, rates);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        sum += rates[i].rate;
    return sum;
}

bool fault_is_flaw(enum truth_fault kind)
{
    return kind >= TRUTH_FAULT_NO_FINISH && kind <= TRUTH_FAULT_MIXED;
}

bool fault_is_of_any_answer(enum truth_fault kind, size_t body_len)
{
    const bool is_of_bodies = kind == TRUTH_FAULT_TRUNCATE ||
                              kind == TRUTH_FAULT_MALFORMED || kind == TRUTH_FAULT_DRIP;

    return kind == TRUTH_FAULT_RESET || kind == TRUTH_FAULT_STALL ||
           (is_of_bodies && body_len > 0);
}

struct fault fault_draw(const struct simulator_options *options,
                        enum simulator_service service, uint64_t number)
{
    struct fault_rate rates[FAULT_KINDS];
    struct fault fault = {.kind = TRUTH_FAULT_NONE};
    struct rng rng;
    double left;

    list_rates(options, service, rates);
    rng_init(&rng, options->seed, number, 0, RNG_FAULT);
    left = rng_unit(&rng);
    for (size_t i = 0; i < FAULT_KINDS; i++) {
        if (left < rates[i].rate) {
            fault.kind = rates[i].kind;
            break;
        }
        left -= rates[i].rate;
    }
    if (fault.kind == TRUTH_FAULT_STATUS)
        fault.status = draw_status(options, &rng);
    else if (fault.kind == TRUTH_FAULT_LATE)
        fault.late_ns = distribution_draw_ns(&options->late_by, &rng);
    else if (fault.kind != TRUTH_FAULT_NONE)
        fault.after_chunks = distribution_draw_count(&options->fault_after, &rng);
    return fault;
}

uint64_t fault_draw_drip_ns(const struct simulator_options *options, struct rng *rng)
{
    if (options->drip_bytes_per_s > 0)
        return NS_PER_S / options->drip_bytes_per_s;
    return distribution_draw_ns(&options->gap, rng);
}

/* How long the outage that a service is in goes on; 0: it is in none. */
static uint64_t outage_left_ns(const struct simulator_options *options,
                               enum simulator_service service, uint64_t since_start_ns)
{
    const unsigned all = (1U << SIMULATOR_SERVICE_COUNT) - 1;
    const unsigned asked = service == SIMULATOR_SERVICE_COUNT ? all : 1U << service;

    for (const struct simulator_outage *outage = options->outages; outage->end_ns != 0;
         outage++) {
        const uint64_t length_ns = outage->end_ns - outage->begin_ns;
        uint64_t into_ns = since_start_ns - outage->begin_ns;

        if (since_start_ns < outage->begin_ns || (outage->services & asked) != asked)
            continue;
        if (outage->period_ns > 0)
            into_ns %= outage->period_ns;
        if (into_ns < length_ns)
            return length_ns - into_ns;
    }
    return 0;
}

bool fault_is_outage(const struct simulator_options *options,
                     enum simulator_service service, uint64_t since_start_ns)
{
    return options->outage_status != SIMULATOR_STALL &&
           outage_left_ns(options, service, since_start_ns) > 0;
}

uint64_t fault_stall_ns(const struct simulator_options *options,
                        enum simulator_service service, uint64_t since_start_ns)
{
    return options->outage_status == SIMULATOR_STALL
               ? outage_left_ns(options, service, since_start_ns)
               : 0;
}

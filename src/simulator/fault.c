#include "simulator/fault.h"

#include <string.h>

#include "simulator/distribution.h"

static int draw_status(const struct simulator_options *options, struct rng *rng)
{
    uint64_t count = 0;

    while (count < SIMULATOR_STATUSES_MAX && options->error_statuses[count] != 0)
        count++;
    return options->error_statuses[rng_below(rng, count)];
}

#define FAULT_KINDS 13

struct fault_rate {
    enum truth_fault kind;
    double rate;
};

static void list_rates(const struct simulator_options *options,
                       struct fault_rate ret_rates[static FAULT_KINDS])
{
    const struct fault_rate rates[FAULT_KINDS] = {
        {TRUTH_FAULT_STATUS, options->error_rate},
        {TRUTH_FAULT_RESET, options->reset_rate},
        {TRUTH_FAULT_TRUNCATE, options->truncate_rate},
        {TRUTH_FAULT_STALL, options->stall_rate},
        {TRUTH_FAULT_MALFORMED, options->malformed_rate},
        {TRUTH_FAULT_STREAM_ERROR, options->stream_error_rate},
        {TRUTH_FAULT_DRIP, options->drip_rate},
        {TRUTH_FAULT_NO_FINISH, options->no_finish_rate},
        {TRUTH_FAULT_NO_DONE, options->no_done_rate},
        {TRUTH_FAULT_AFTER_DONE, options->after_done_rate},
        {TRUTH_FAULT_USAGE, options->wrong_usage_rate},
        {TRUTH_FAULT_CROSSED, options->crossed_rate},
        {TRUTH_FAULT_MIXED, options->mixed_rate},
    };

    memcpy(ret_rates, rates, sizeof(rates));
}

double fault_rate_sum(const struct simulator_options *options)
{
    struct fault_rate rates[FAULT_KINDS];
    double sum = 0;

    list_rates(options, rates);
    for (size_t i = 0; i < FAULT_KINDS; i++)
        sum += rates[i].rate;
    return sum;
}

bool fault_is_flaw(enum truth_fault kind)
{
    return kind >= TRUTH_FAULT_NO_FINISH;
}

struct fault fault_draw(const struct simulator_options *options, uint64_t number)
{
    struct fault_rate rates[FAULT_KINDS];
    struct fault fault = {.kind = TRUTH_FAULT_NONE};
    struct rng rng;
    double left;

    list_rates(options, rates);
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
    else if (fault.kind != TRUTH_FAULT_NONE)
        fault.after_chunks = distribution_draw_count(&options->fault_after, &rng);
    return fault;
}

bool fault_is_outage(const struct simulator_options *options, uint64_t since_start_ns)
{
    for (size_t i = 0; i < options->outage_count; i++) {
        if (since_start_ns >= options->outages[i].begin_ns &&
            since_start_ns < options->outages[i].end_ns)
            return true;
    }
    return false;
}

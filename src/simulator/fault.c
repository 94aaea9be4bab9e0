#include "simulator/fault.h"

#include "base/cleanup.h"
#include "simulator/distribution.h"

static int draw_status(const struct simulator_options *options, struct rng *rng)
{
    uint64_t count = 0;

    while (count < SIMULATOR_STATUSES_MAX && options->error_statuses[count] != 0)
        count++;
    return options->error_statuses[rng_below(rng, count)];
}

struct fault fault_draw(const struct simulator_options *options, uint64_t number)
{
    const struct {
        enum truth_fault kind;
        double rate;
    } faults[] = {
        {TRUTH_FAULT_STATUS, options->error_rate},
        {TRUTH_FAULT_RESET, options->reset_rate},
        {TRUTH_FAULT_TRUNCATE, options->truncate_rate},
        {TRUTH_FAULT_STALL, options->stall_rate},
        {TRUTH_FAULT_MALFORMED, options->malformed_rate},
        {TRUTH_FAULT_STREAM_ERROR, options->stream_error_rate},
        {TRUTH_FAULT_DRIP, options->drip_rate},
    };
    struct fault fault = {.kind = TRUTH_FAULT_NONE};
    struct rng rng;
    double left;

    rng_init(&rng, options->seed, number, 0, RNG_FAULT);
    left = rng_unit(&rng);
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (left < faults[i].rate) {
            fault.kind = faults[i].kind;
            break;
        }
        left -= faults[i].rate;
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

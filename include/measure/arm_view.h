/*
 * What a recorder has of the arms of an A/B comparison (plan/ab.h), by stretches of time, for contrasts.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct recorder;
struct stretches;

/* Latencies that each arm has, as stretches_values() numbers them. */
enum arm_latency { ARM_TTFT, ARM_TPOT, ARM_E2E, ARM_LATENCIES };

/* Sums that each arm has, as stretches_sums() numbers them: of attempts that ended by themselves. */
enum arm_sum {
    ARM_ENDED,
    ARM_FAILED,
    ARM_TOKENS, /* of answers */
    ARM_PUSD,   /* what they cost */
    ARM_SUMS,
};

/* The load is over at that moment: arms can be read from now on, and nothing more counts for them. */
void recorder_end_arms(struct recorder *recorder, uint64_t end_ns);

/* An arm by its index into the plan's; NULL before the end, in a copy, and where there are no arms. */
const struct stretches *recorder_arm(const struct recorder *recorder, size_t arm);

/*
 * Retries: how an attempt ended and what the scenario says of it → whether another one follows, and
 * after how long. Pure: the same key draws the same time, whatever other users do.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct plan_retry;
struct sample;

/* What the server asked for with its refusal. */
struct retry_told {
    bool known;
    uint64_t after_ns;
};

/* Which draw it is. */
struct retry_key {
    uint64_t seed;
    uint64_t user;      /* ordinal */
    uint64_t operation; /* of this user, from 0 */
};

/*
 * Reads a Retry-After header (RFC 9110, section 10.2.3): seconds, or a date, which counts from the
 * response's own Date, so that the clocks of both sides need not agree. Either may be NULL. What is neither
 * (a negative number, a date without a Date) tells nothing; a date that has passed says at once.
 */
struct retry_told retry_read_header(const char *retry_after, const char *date);

/* Whether a sample wants another attempt, after so many as were made. retry may be NULL: never. */
bool retry_wants(const struct plan_retry *retry, const struct sample *sample,
                 uint32_t attempts);

/* How long to wait before it: what the server told, cut to the scenario's limit, else full jitter. */
uint64_t retry_delay_ns(const struct plan_retry *retry, const struct retry_key *key,
                        uint32_t attempts, const struct retry_told *told);

#include "engine/retry.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/clock.h"
#include "base/http_date.h"
#include "base/rng.h"
#include "measure/sample.h"
#include "plan/people.h"

/* No server means a longer time, and no arithmetic overflows on it: a century. */
#define LONGEST_S UINT64_C(3200000000)

/* Digits and nothing else; what is beyond LONGEST_S is LONGEST_S. */
static bool read_seconds(const char *text, uint64_t *ret_s)
{
    uint64_t seconds = 0;

    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        seconds = seconds * 10 + (uint64_t)(*text - '0');
        if (seconds > LONGEST_S)
            seconds = LONGEST_S;
    }
    *ret_s = seconds;
    return true;
}

static bool read_dates(const char *at, const char *since, uint64_t *ret_s)
{
    int64_t at_s = 0;
    int64_t since_s = 0;

    if (!since || !http_date_parse(at, strlen(at), &at_s) ||
        !http_date_parse(since, strlen(since), &since_s))
        return false;
    *ret_s = at_s > since_s ? (uint64_t)(at_s - since_s) : 0;
    if (*ret_s > LONGEST_S)
        *ret_s = LONGEST_S;
    return true;
}

struct retry_told retry_read_header(const char *retry_after, const char *date)
{
    struct retry_told told = {0};
    uint64_t seconds = 0;

    if (!retry_after)
        return told;
    told.known =
        read_seconds(retry_after, &seconds) || read_dates(retry_after, date, &seconds);
    told.after_ns = seconds * NS_PER_S;
    return told;
}

static bool lists(const struct plan_retry *retry, uint16_t status)
{
    for (size_t i = 0; i < retry->status_count; i++)
        if (retry->statuses[i] == status)
            return true;
    return false;
}

bool retry_wants(const struct plan_retry *retry, const struct sample *sample,
                 uint32_t attempts)
{
    static_assert(OUTCOME_COUNT <= 64, "retry.outcomes has a bit for each");

    if (!retry || attempts >= retry->attempts)
        return false;
    if (retry->outcomes & (UINT64_C(1) << sample->outcome))
        return true;
    return outcome_is_failure(sample->outcome) && sample->status > 0 &&
           lists(retry, sample->status);
}

/* base × 2^(attempts − 1), at most max. */
static uint64_t longest_wait_ns(const struct plan_retry *retry, uint32_t attempts)
{
    uint64_t wait_ns = retry->base_ns;

    for (uint32_t i = 1; i < attempts && wait_ns < retry->max_ns; i++)
        wait_ns = wait_ns > UINT64_MAX / 2 ? UINT64_MAX : wait_ns * 2;
    return wait_ns < retry->max_ns ? wait_ns : retry->max_ns;
}

uint64_t retry_delay_ns(const struct plan_retry *retry, const struct retry_key *key,
                        uint32_t attempts, const struct retry_told *told)
{
    const uint64_t longest_ns = longest_wait_ns(retry, attempts);
    struct rng rng;

    if (retry->honour_retry_after && told->known)
        return told->after_ns < retry->max_retry_after_ns ? told->after_ns
                                                          : retry->max_retry_after_ns;
    rng_init(&rng, key->seed, key->user, rng_mix(key->operation) + attempts, RNG_RETRY);
    return longest_ns < UINT64_MAX ? rng_below(&rng, longest_ns + 1) : rng_next(&rng);
}

/*
 * What each key, or each organization, may ask of the models in a minute: two buckets, of requests and of tokens, that
 * fill steadily and hold a minute's worth. Nothing is kept, or told, where no limit is set.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simulator/voice.h"

struct exchange;
struct head;
struct quota;

/* What one of those who are limited has left. Zeroed it is full. */
struct quota_bucket {
    uint64_t seen_ns; /* 0: not yet */
    double requests;
    double tokens;
};
struct simulator_options;

/* How a key stands after a request, as answers tell it. */
struct quota_standing {
    bool is_told;
    enum voice voice;        /* whose field names are used */
    uint64_t requests_limit; /* UINT64_MAX: none, and the three of it are not told */
    uint64_t requests_left;
    uint64_t requests_full_ns; /* until none are missing */
    uint64_t tokens_limit;     /* likewise */
    uint64_t tokens_left;
    uint64_t tokens_full_ns;
    uint64_t now_s; /* since 1970 */
};

/* ret_quota: NULL where there is no limit. Returns 0; -ENOMEM. */
int quota_new(const struct simulator_options *options, struct quota **ret_quota);

/* NULL is allowed. Returns NULL. */
struct quota *quota_free(struct quota *quota);

/*
 * Takes one request of so many tokens from what the exchange's key, or its organization, has, and
 * notes in the exchange how that stands then. What it has no more is refused with 429: false.
 */
bool quota_admits(struct exchange *exchange, uint64_t tokens);

/* Adds the fields that tell of it, if any do. */
void quota_add_fields(const struct quota_standing *standing, struct head *head);

/*
 * Sources: OpenAI's guide "Rate limits" (fields x-ratelimit-*, and that a request counts as the
 * larger of max_tokens and its estimated tokens), Anthropic API reference "Rate limits" (fields
 * anthropic-ratelimit-*).
 */
#include "simulator/quota.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "simulator/exchange.h"
#include "simulator/head.h"
#include "simulator/instance.h"
#include "simulator/tenants.h"

/* Keys that are remembered; of those that would share a place, the longest unseen is forgotten. */
#define KEYS_MAX 16384
#define PLACES_OF_KEY 8
#define WINDOW_NS (60 * NS_PER_S)

/* A place of a key that is no tenant's: free while its bucket was not seen. */
struct quota_key {
    uint64_t hash;
    struct quota_bucket bucket;
};

struct quota {
    double requests_limit;
    double tokens_limit;
    struct quota_key keys[KEYS_MAX];
};

int quota_new(const struct simulator_options *options, struct quota **ret_quota)
{
    struct quota *quota = NULL;

    if (options->requests_per_minute != UINT64_MAX ||
        options->tokens_per_minute != UINT64_MAX) {
        quota = calloc(1, sizeof(*quota));
        if (!quota)
            return -ENOMEM;
        quota->requests_limit = (double)options->requests_per_minute;
        quota->tokens_limit = (double)options->tokens_per_minute;
    }
    *ret_quota = quota;
    return 0;
}

struct quota *quota_free(struct quota *quota)
{
    free(quota);
    return NULL;
}

static uint64_t hash_of(const char *key)
{
    uint64_t hash = 1;

    for (; key && *key; key++)
        hash = rng_mix(hash ^ (unsigned char)*key);
    return hash;
}

/* The bucket of a key that is no tenant's: a new one where it is new. */
static struct quota_bucket *find(struct quota *quota, uint64_t hash)
{
    struct quota_key *oldest = NULL;

    for (size_t i = 0; i < PLACES_OF_KEY; i++) {
        struct quota_key *place = &quota->keys[(hash + i) % KEYS_MAX];

        if (place->bucket.seen_ns != 0 && place->hash == hash)
            return &place->bucket;
        if (!oldest || place->bucket.seen_ns < oldest->bucket.seen_ns)
            oldest = place;
    }
    *oldest = (struct quota_key){.hash = hash};
    return &oldest->bucket;
}

/* Whose limits the exchange's are. */
static struct quota_bucket *bucket_of(const struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;

    if (!exchange->tenant)
        return find(simulator->quota, hash_of(exchange_key(exchange)));
    return simulator->options->limits_per == SIMULATOR_LIMITS_PER_ORGANIZATION
               ? &exchange->tenant->user->organization->bucket
               : &exchange->tenant->bucket;
}

static double filled(double level, double limit, uint64_t passed_ns)
{
    const double more = level + limit * (double)passed_ns / (double)WINDOW_NS;

    return more < limit ? more : limit;
}

/* Lets in what came since it was seen. */
static void refill(const struct quota *quota, struct quota_bucket *bucket,
                   uint64_t now_ns)
{
    if (bucket->seen_ns == 0) {
        bucket->requests = quota->requests_limit;
        bucket->tokens = quota->tokens_limit;
    } else {
        const uint64_t passed_ns = now_ns - bucket->seen_ns;

        bucket->requests = filled(bucket->requests, quota->requests_limit, passed_ns);
        bucket->tokens = filled(bucket->tokens, quota->tokens_limit, passed_ns);
    }
    bucket->seen_ns = now_ns;
}

/* The time until a bucket has so much more. */
static uint64_t time_for(double missing, double limit)
{
    return missing > 0 ? (uint64_t)(missing / limit * (double)WINDOW_NS) : 0;
}

/* What is left, as it is told: a key that took more than there was has nothing; no limit stays none. */
static uint64_t whole(double left)
{
    if (left >= (double)UINT64_MAX)
        return UINT64_MAX;
    return left > 0 ? (uint64_t)left : 0;
}

static void note_standing(struct exchange *exchange, const struct quota *quota,
                          const struct quota_bucket *bucket)
{
    const struct simulator_options *options = exchange->simulator->options;

    exchange->standing = (struct quota_standing){
        .is_told = true,
        .voice = exchange->voice,
        .requests_limit = options->requests_per_minute,
        .requests_left = whole(bucket->requests),
        .requests_full_ns =
            time_for(quota->requests_limit - bucket->requests, quota->requests_limit),
        .tokens_limit = options->tokens_per_minute,
        .tokens_left = whole(bucket->tokens),
        .tokens_full_ns =
            time_for(quota->tokens_limit - bucket->tokens, quota->tokens_limit),
        .now_s = clock_wall_ns() / NS_PER_S,
    };
}

static void refuse(struct exchange *exchange, const char *of, const char *short_name,
                   double limit, double left, double asked)
{
    exchange->retry_after_ns = time_for(asked - left, limit);
    /* It is told in whole seconds, and 0 would not be told. */
    if (exchange->retry_after_ns == 0)
        exchange->retry_after_ns = 1;
    exchange_refuse(
        exchange, (struct exchange_error){429, of, NULL, "rate_limit_exceeded"},
        "Rate limit reached on %s per min (%s): Limit %.0f, Used %.0f, Requested %.0f. "
        "Please try again in %.3gs.",
        of, short_name, limit, limit - left, asked,
        (double)exchange->retry_after_ns / (double)NS_PER_S);
}

/* What the bucket has no more is refused here. */
static bool has(struct exchange *exchange, const struct quota *quota,
                const struct quota_bucket *bucket, uint64_t tokens)
{
    if (bucket->requests < 1) {
        refuse(exchange, "requests", "RPM", quota->requests_limit, bucket->requests, 1);
        return false;
    }
    if (bucket->tokens < (double)tokens) {
        refuse(exchange, "tokens", "TPM", quota->tokens_limit, bucket->tokens,
               (double)tokens);
        return false;
    }
    return true;
}

bool quota_admits(struct exchange *exchange, uint64_t tokens)
{
    const struct quota *quota = exchange->simulator->quota;
    struct quota_bucket *bucket;

    if (!quota)
        return true;
    bucket = bucket_of(exchange);
    refill(quota, bucket, exchange->now_ns);
    note_standing(exchange, quota, bucket);
    if (!has(exchange, quota, bucket, tokens)) {
        if (exchange->tenant)
            exchange->tenant->user->organization->spending.refused_for_rate++;
        return false;
    }
    bucket->requests -= 1;
    bucket->tokens -= (double)tokens;
    note_standing(exchange, quota, bucket);
    return true;
}

/* "120ms", "8.64s", "6m0s", as OpenAI writes them. */
static void write_time(char text[static 32], uint64_t time_ns)
{
    const uint64_t whole_s = time_ns / NS_PER_S;
    const double rest_s = (double)(time_ns % NS_PER_S) / (double)NS_PER_S;

    if (time_ns < NS_PER_S)
        (void)snprintf(text, 32, "%" PRIu64 "ms", time_ns / NS_PER_MS);
    else if (whole_s < 60)
        (void)snprintf(text, 32, "%.4gs", (double)whole_s + rest_s);
    else
        (void)snprintf(text, 32, "%" PRIu64 "m%" PRIu64 "s", whole_s / 60, whole_s % 60);
}

/* RFC 3339, in whole seconds. */
static void write_moment(char text[static 32], uint64_t at_s)
{
    const time_t at = (time_t)at_s;
    struct tm utc;

    text[0] = '\0';
    if (gmtime_r(&at, &utc))
        (void)strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* The names of the three fields of one bucket. */
struct bucket_names {
    const char *limit;
    const char *left;
    const char *full;
};

static void add_bucket(const struct quota_standing *standing,
                       const struct bucket_names *names, uint64_t limit, uint64_t left,
                       uint64_t full_ns, struct head *head)
{
    char full[32];

    if (limit == UINT64_MAX)
        return;
    if (standing->voice == VOICE_ANTHROPIC)
        write_moment(full, standing->now_s + (full_ns + NS_PER_S - 1) / NS_PER_S);
    else
        write_time(full, full_ns);
    head_add(head, names->limit, "%" PRIu64, limit);
    head_add(head, names->left, "%" PRIu64, left);
    head_add(head, names->full, "%s", full);
}

void quota_add_fields(const struct quota_standing *standing, struct head *head)
{
    static const struct bucket_names of_openai[] = {
        {"x-ratelimit-limit-requests", "x-ratelimit-remaining-requests",
         "x-ratelimit-reset-requests"},
        {"x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens",
         "x-ratelimit-reset-tokens"},
    };
    static const struct bucket_names of_anthropic[] = {
        {"anthropic-ratelimit-requests-limit", "anthropic-ratelimit-requests-remaining",
         "anthropic-ratelimit-requests-reset"},
        {"anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining",
         "anthropic-ratelimit-tokens-reset"},
    };
    const struct bucket_names *names =
        standing->voice == VOICE_ANTHROPIC ? of_anthropic : of_openai;

    if (!standing->is_told)
        return;
    add_bucket(standing, &names[0], standing->requests_limit, standing->requests_left,
               standing->requests_full_ns, head);
    add_bucket(standing, &names[1], standing->tokens_limit, standing->tokens_left,
               standing->tokens_full_ns, head);
}

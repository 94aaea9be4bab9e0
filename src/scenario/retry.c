#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "base/suggest.h"
#include "scenario/making.h"
#include "scenario/manners.h"

/* In the order of enum outcome, since the plan keeps their numbers. */
const char *const outcome_words[] = {
    "ok",
    "degraded",
    "cancelled",
    "dns",
    "connect",
    "tls",
    "proxy",
    "connect_timeout",
    "first_token_timeout",
    "idle_timeout",
    "total_timeout",
    "reset",
    "truncated",
    "protocol",
    "event_too_large",
    "encoding",
    "local_resource",
    "rate_limited",
    "unauthorized",
    "http_4xx",
    "http_5xx",
    "stream_error",
    "malformed_event",
    "bad_content_type",
    "empty",
    "check_failed",
    "redirect",
    "unexpected_status",
    "abandoned",
    "sabotaged",
    "circuit_open",
    "tool_error",
    NULL,
};

/* No failures: nobody tries again. */
static const char *const no_failures[] = {"ok", "degraded", "cancelled", "abandoned",
                                          "sabotaged"};

static const struct field retry_fields[] = {
    {ROW("attempts", FIELD_COUNT, struct retry_form, attempts), .min = "1", .max = "100",
     .preset = "3", .help = "how often it is tried in all"},
    {ROW("base", FIELD_DURATION, struct retry_form, base_ns), .max = "1h",
     .preset = "200ms",
     .help = "before attempt *n*+1 a time between 0 and `base` × 2^(*n*−1) passes"},
    {ROW("max", FIELD_DURATION, struct retry_form, max_ns), .max = "1h", .preset = "10s",
     .help = "but never more than this"},
    {ROW("on", FIELD_LIST, struct retry_form, on), .element = FIELD_TEXT,
     .help = "the outcomes and statuses that are tried again; by default `connect`, "
             "`connect_timeout`, `reset`, `rate_limited`, `502`, `503` and `504`"},
    {ROW("retry_after", FIELD_BOOL, struct retry_form, retry_after), .preset = "true",
     .help = "a server's `Retry-After` takes the place of the drawn time"},
    {ROW("max_retry_after", FIELD_DURATION, struct retry_form, max_retry_after_ns),
     .max = "1h", .preset = "60s", .help = "but never more than this"},
};

const struct field_table retry_table = {
    TABLE_OF(
        "retry", retry_fields, struct retry_form,
        "What is tried again, with full jitter between the attempts. An operation is "
        "what a person wanted\nonce, with all its attempts; the results show both."),
    .short_key = "attempts",
    .example = "retry: {attempts: 3, base: 200ms, max: 10s, on: [rate_limited, http_5xx, "
               "reset]}\n"};

/* The number of an outcome that is a failure, or -1. */
static int find_failure(const char *word)
{
    for (size_t i = 0; i < COUNT_OF(no_failures); i++)
        if (strcmp(no_failures[i], word) == 0)
            return -1;
    for (int i = 0; outcome_words[i]; i++)
        if (strcmp(outcome_words[i], word) == 0)
            return i;
    return -1;
}

/* A word of `on`, or a status. Returns 0, with a mistake added where it is none; -ENOMEM. */
static int add_on(struct making *making, const struct config_node *place,
                  const char *word, struct plan_retry *retry, uint16_t *statuses)
{
    const int outcome = find_failure(word);
    const char *meant;
    uint64_t status;
    char hint[160] = "write an outcome such as reset or http_5xx, or a status";

    if (outcome >= 0) {
        retry->outcomes |= UINT64_C(1) << outcome;
        return 0;
    }
    if (quantity_parse_count(word, &status) == 0 && status >= 100 && status <= 599) {
        statuses[retry->status_count++] = (uint16_t)status;
        return 0;
    }
    meant = suggest_name(word, outcome_words, COUNT_OF(outcome_words) - 1);
    if (meant && find_failure(meant) >= 0)
        (void)snprintf(hint, sizeof(hint), "did you mean '%s'?", meant);
    return MAKING_REFUSE(making, place, hint,
                         "on: '%s' is no failure that can be tried again", word);
}

int make_retry(struct making *making, const struct retry_form *form,
               const struct plan_retry **ret_retry)
{
    static const char *const presets[] = {
        "connect", "connect_timeout", "reset", "rate_limited", "502", "503", "504"};
    const bool given = form->form.node && making_has(&form->form, "on");
    const char *const *words = given ? (const char *const *)form->on.items : presets;
    const size_t count = given ? form->on.count : COUNT_OF(presets);
    struct plan_retry *retry;
    uint16_t *statuses;
    int r = 0;

    if (!form->form.node)
        return 0;
    retry = making_array(making, 1, sizeof(*retry));
    statuses = making_array(making, count, sizeof(*statuses));
    if (!retry || !statuses)
        return -ENOMEM;
    *retry = (struct plan_retry){.attempts = (uint32_t)form->attempts,
                                 .base_ns = form->base_ns,
                                 .max_ns = form->max_ns,
                                 .honour_retry_after = form->retry_after,
                                 .max_retry_after_ns = form->max_retry_after_ns,
                                 .statuses = statuses};
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct config_node *on = making_place(&form->form, "on");
        const struct config_node *place = on->kind == CONFIG_LIST ? on->items[i] : on;

        r = words[i] ? add_on(making, place, words[i], retry, statuses) : 0;
    }
    *ret_retry = retry;
    return r;
}

static const struct field breaker_fields[] = {
    {ROW("above", FIELD_FRACTION, struct breaker_form, above), .max = "100%",
     .preset = "50%", .help = "the share of failed attempts above which it opens"},
    {ROW("over", FIELD_DURATION, struct breaker_form, over_ns), .min = "1s", .max = "1h",
     .preset = "10s", .help = "over this time"},
    {ROW("min_requests", FIELD_COUNT, struct breaker_form, min_requests), .min = "1",
     .preset = "20", .help = "of fewer attempts it says nothing"},
    {ROW("open_for", FIELD_DURATION, struct breaker_form, open_for_ns), .min = "1ms",
     .max = "1h", .preset = "30s", .help = "how long nothing is sent"},
    {ROW("probes", FIELD_COUNT, struct breaker_form, probes), .min = "1", .max = "1000",
     .preset = "1",
     .help = "how many must succeed after that, one after the other, to close it"},
};

const struct field_table breaker_table = {
    TABLE_OF("circuit_breaker", breaker_fields, struct breaker_form,
             "What a careful client does: where too many requests to a target fail, none "
             "are sent for a while.\nWhat is not sent fails as `circuit_open`."),
    .short_key = "above",
    .example = "target:\n"
               "  url: https://gateway.example/v1\n"
               "  circuit_breaker: {above: 50%, over: 10s, min_requests: 20, open_for: "
               "30s}\n"};

int make_breaker(struct making *making, const struct breaker_form *form,
                 struct plan_breaker *ret_breaker)
{
    (void)making;
    if (!form->form.node)
        return 0;
    *ret_breaker = (struct plan_breaker){.on = true,
                                         .above = form->above,
                                         .over_ns = form->over_ns,
                                         .min_count = form->min_requests,
                                         .open_ns = form->open_for_ns,
                                         .probes = (uint32_t)form->probes};
    return 0;
}

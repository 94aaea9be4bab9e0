#include "simulator/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "simulator/option_value.h"

/* The same order as simulator_option_table. */
static const struct {
    enum option_kind kind;
    size_t offset;
} places[] = {
#define PLACE(kind, member) {kind, offsetof(struct simulator_options, member)}
    PLACE(OPTION_ADDRESS, listen),
    PLACE(OPTION_NAMES, models),
    PLACE(OPTION_KEY_ENV, key),
    PLACE(OPTION_COUNT, seed),
    PLACE(OPTION_DURATIONS, ttft),
    PLACE(OPTION_DURATION, prefill_ns),
    PLACE(OPTION_DURATIONS, gap),
    PLACE(OPTION_COUNTS, tokens),
    PLACE(OPTION_COUNTS, reasoning),
    PLACE(OPTION_NUMBER, tokens_per_chunk),
    PLACE(OPTION_FRACTION, cached),
    PLACE(OPTION_PREAMBLE, preamble),
    PLACE(OPTION_LIMIT, capacity),
    PLACE(OPTION_LIMIT, queue),
    PLACE(OPTION_STATUS, queue_full_status),
    PLACE(OPTION_DURATIONS, embedding),
    PLACE(OPTION_DURATIONS, rag_query),
    PLACE(OPTION_DURATIONS, rag_index),
    PLACE(OPTION_FRACTION, vector_timeout_rate),
    PLACE(OPTION_DURATION, vector_timeout_ns),
    PLACE(OPTION_STATUS, vector_timeout_status),
    PLACE(OPTION_DURATIONS, tool),
    PLACE(OPTION_FRACTION, tool_error_rate),
    PLACE(OPTION_MCP_ANSWER, mcp_answer),
    PLACE(OPTION_DURATIONS, web),
    PLACE(OPTION_KEY_ENV, admin_key),
    PLACE(OPTION_TENANT_KEYS, tenant_keys),
    PLACE(OPTION_DURATIONS, tenants),
    PLACE(OPTION_PRICE, price_prompt_pusd),
    PLACE(OPTION_PRICE, price_completion_pusd),
    PLACE(OPTION_LIMIT, requests_per_minute),
    PLACE(OPTION_LIMIT, tokens_per_minute),
    PLACE(OPTION_LIMITS_PER, limits_per),
    PLACE(OPTION_RATE, error_rate),
    PLACE(OPTION_STATUSES, error_statuses),
    PLACE(OPTION_DURATION, retry_after_ns),
    PLACE(OPTION_RATE, reset_rate),
    PLACE(OPTION_RATE, truncate_rate),
    PLACE(OPTION_RATE, stall_rate),
    PLACE(OPTION_DURATION_OR_FOREVER, stall_for_ns),
    PLACE(OPTION_RATE, malformed_rate),
    PLACE(OPTION_RATE, stream_error_rate),
    PLACE(OPTION_RATE, drip_rate),
    PLACE(OPTION_COUNT, drip_bytes_per_s),
    PLACE(OPTION_RATE, late_rate),
    PLACE(OPTION_DURATIONS, late_by),
    PLACE(OPTION_RATE, no_finish_rate),
    PLACE(OPTION_RATE, no_done_rate),
    PLACE(OPTION_RATE, after_done_rate),
    PLACE(OPTION_RATE, wrong_usage_rate),
    PLACE(OPTION_RATE, crossed_rate),
    PLACE(OPTION_RATE, mixed_rate),
    PLACE(OPTION_COUNTS, fault_after),
    PLACE(OPTION_OUTAGES, outages),
    PLACE(OPTION_OUTAGE_STATUS, outage_status),
    PLACE(OPTION_PATH, ground_truth),
#undef PLACE
};

const struct simulator_option simulator_option_table[] = {
    {"listen", "ADDR:PORT", "127.0.0.1:0", "where to listen; port 0 takes a free one"},
    {"models", "NAME,NAME…", "",
     "the models that exist; empty: every name is served, and gpt-4o and gpt-4o-mini are "
     "listed"},
    {"api_key_env", "NAME", "",
     "environment variable with the key that clients must send; empty: none is asked "
     "for"},
    {"seed", "COUNT", "1", "the same seed and requests give the same answers and faults"},
    {"ttft", "DISTRIBUTION", "lognormal(200ms,0.3)",
     "time from the turn of a request to its first token"},
    {"prefill", "DURATION", "0", "added to ttft for each token of the prompt"},
    {"gap", "DISTRIBUTION", "gaussian(20ms,4ms)", "time from one chunk to the next"},
    {"tokens", "DISTRIBUTION", "lognormal(120,0.5)",
     "tokens of an answer, before max_tokens cuts it"},
    {"reasoning_tokens", "DISTRIBUTION", "0", "tokens of reasoning before the answer"},
    {"tokens_per_chunk", "NUMBER", "1",
     "tokens that one event carries, on average: 1.5 is 1 and 2 in turn"},
    {"cached", "FRACTION", "0", "fraction of the prompt that usage reports as cached"},
    {"preamble", "head|role|none", "head",
     "what goes out when a request's turn has come: the head, the head and the first "
     "event "
     "(role without content), or nothing before the first token"},
    {"capacity", "COUNT|unlimited", "unlimited",
     "requests served at the same time; the others wait in order of arrival"},
    {"queue", "COUNT|unlimited", "unlimited", "requests that may wait"},
    {"queue_full_status", "STATUS", "503", "answer when the queue is full"},
    {"embedding", "DISTRIBUTION", "lognormal(25ms,0.3)", "time that embeddings take"},
    {"rag_query", "DISTRIBUTION", "lognormal(400ms,0.3)",
     "time that a question to the RAG stack takes"},
    {"rag_index", "DISTRIBUTION", "lognormal(150ms,0.3)",
     "time that indexing documents takes"},
    {"vector_timeout_rate", "FRACTION", "0",
     "RAG requests whose vector store does not answer in time"},
    {"vector_timeout", "DURATION", "2s", "the time that the vector store is given"},
    {"vector_timeout_status", "STATUS", "504", "what such a request is answered"},
    {"tool", "DISTRIBUTION", "lognormal(40ms,0.5)",
     "time that a call of an MCP tool takes"},
    {"tool_error_rate", "FRACTION", "0", "MCP tool calls whose result is an error"},
    {"mcp_answer", "json|stream", "json",
     "how MCP's answers come: as JSON, or as an event stream"},
    {"web", "DISTRIBUTION", "lognormal(12ms,0.4)",
     "time that a request of the web API takes"},
    {"admin_key_env", "NAME", "",
     "environment variable with the key that the tenant API asks for; empty: none"},
    {"tenant_keys", "optional|required", "optional",
     "required: the models answer to keys of the tenant API alone, others are 401"},
    {"tenants", "DISTRIBUTION", "lognormal(15ms,0.4)",
     "time that a request of the tenant API takes"},
    {"price_prompt", "USD", "2.50",
     "what an organization is charged for a million tokens of prompts"},
    {"price_completion", "USD", "10.00", "likewise, of completions"},
    {"requests_per_minute", "COUNT|unlimited", "unlimited",
     "what one key may ask of the models in a minute; past it 429"},
    {"tokens_per_minute", "COUNT|unlimited", "unlimited",
     "likewise, in tokens: the larger of the prompt and max_tokens"},
    {"limits_per", "key|organization", "key",
     "whose these limits are: each key's, or those of an organization's keys together"},
    {"error_rate", "SHARE", "0", "requests answered with an error status"},
    {"error_status", "STATUS[=WEIGHT],…", "500",
     "the statuses; without weights, equally likely"},
    {"retry_after", "DURATION", "1s", "Retry-After of 429 and 503, in seconds; 0: none"},
    {"reset_rate", "SHARE", "0", "answers broken off with a reset (RST)"},
    {"truncate_rate", "SHARE", "0", "answers that end in the middle (FIN)"},
    {"stall_rate", "SHARE", "0", "answers that stop for stall_for"},
    {"stall_for", "DURATION|forever", "forever", "how long they stop"},
    {"malformed_rate", "SHARE", "0", "streams with one event whose JSON is cut short"},
    {"stream_error_rate", "SHARE", "0", "streams ended by an event with an error"},
    {"drip_rate", "SHARE", "0", "answers that leave byte by byte"},
    {"drip_bytes_per_s", "COUNT", "0", "how fast they leave; 0: a byte each gap"},
    {"late_rate", "SHARE", "0", "answers that come later than they would, by late_by"},
    {"late_by", "DISTRIBUTION", "2s", "how much later"},
    {"no_finish_rate", "SHARE", "0", "whole answers without a finish reason"},
    {"no_done_rate", "SHARE", "0", "whole streams without [DONE]"},
    {"after_done_rate", "SHARE", "0", "whole streams with an event behind [DONE]"},
    {"wrong_usage_rate", "SHARE", "0",
     "whole answers whose usage does not add up: total, parts and zeros in turn"},
    {"crossed_rate", "SHARE", "0",
     "answers to the request before, under its X-Request-ID and id"},
    {"mixed_rate", "SHARE", "0",
     "streams that take over the id of the request before from some chunk on"},
    {"fault_after", "DISTRIBUTION", "uniform(0,20)",
     "chunks of output before one of these faults; 0: before the first"},
    {"outage", "FROM..TO,…", "",
     "times since the start in which the platform is down: 30s..45s, also 30s..45s every "
     "2m, or rag=30s..45s"},
    {"outage_status", "STATUS|reset|stall", "503",
     "what a request meets then; stall: its answer begins when the outage is over"},
    {"ground_truth", "FILE", "",
     "log of what was written and when, to measure a client's error against"},
};
const size_t simulator_option_count = COUNT_OF(simulator_option_table);

_Static_assert(COUNT_OF(places) == COUNT_OF(simulator_option_table),
               "each key has a place");

static const char *const service_names[SIMULATOR_SERVICE_COUNT] = {
    [SIMULATOR_CHAT] = "chat",
    [SIMULATOR_COMPLETIONS] = "completions",
    [SIMULATOR_RESPONSES] = "responses",
    [SIMULATOR_MESSAGES] = "messages",
    [SIMULATOR_EMBEDDINGS] = "embeddings",
    [SIMULATOR_MODELS] = "models",
    [SIMULATOR_RAG] = "rag",
    [SIMULATOR_MCP] = "mcp",
    [SIMULATOR_WEB] = "web",
    [SIMULATOR_TENANTS] = "tenants",
};

const char *simulator_service_name(enum simulator_service service)
{
    return service_names[service];
}

static bool is_same_key(const char *key, const char *given)
{
    while (*key && (*key == *given || (*key == '_' && *given == '-'))) {
        key++;
        given++;
    }
    return *key == *given;
}

static int set_own(struct simulator_options *options, size_t index, const char *value)
{
    return option_value_set(places[index].kind, value,
                            (char *)options + places[index].offset);
}

/* Sets what stands at an index of the table, in the options and in all of their variants. */
static int set_at(struct simulator_options *options, size_t index, const char *value)
{
    int r = set_own(options, index, value);

    for (size_t i = 0; r >= 0 && i < options->variant_count; i++)
        r = set_own(options->variants[i].options, index, value);
    return r;
}

int simulator_options_set(struct simulator_options *options, const char *key,
                          const char *value, struct buf *reterr)
{
    for (size_t i = 0; i < simulator_option_count; i++) {
        int r;

        if (!is_same_key(simulator_option_table[i].key, key))
            continue;
        r = set_at(options, i, value);
        if (r == -ENOMEM)
            buf_printf(reterr, "%s: not enough memory", key);
        else if (r < 0)
            buf_printf(reterr, "%s: '%s' will not do; write %s", key, value,
                       option_value_expectation(places[i].kind));
        return r < 0 && r != -ENOMEM ? -EINVAL : r;
    }
    buf_printf(reterr, "%s: the simulator has no such option", key);
    return -ENOENT;
}

int simulator_options_add_variant(struct simulator_options *options, const char *model,
                                  struct simulator_options **ret_variant)
{
    struct simulator_variant *grown = reallocarray(
        options->variants, options->variant_count + 1, sizeof(*options->variants));
    struct simulator_variant variant;
    int r;

    if (!grown)
        return -ENOMEM;
    options->variants = grown;
    variant.model = strdup(model);
    variant.options = calloc(1, sizeof(*variant.options));
    r = variant.model && variant.options ? simulator_options_init(variant.options)
                                         : -ENOMEM;
    if (r < 0) {
        free(variant.model);
        free(variant.options);
        return r;
    }
    options->variants[options->variant_count++] = variant;
    *ret_variant = variant.options;
    return 0;
}

const struct simulator_options *
simulator_options_of(const struct simulator_options *options, const char *model)
{
    for (size_t i = 0; i < options->variant_count; i++)
        if (strcmp(options->variants[i].model, model) == 0)
            return options->variants[i].options;
    return options;
}

int simulator_options_init(struct simulator_options *options)
{
    CLEANUP(buf_deinit) struct buf error = BUF_INIT(1024);

    *options = (struct simulator_options){0};
    for (size_t i = 0; i < simulator_option_count; i++) {
        const int r = simulator_options_set(options, simulator_option_table[i].key,
                                            simulator_option_table[i].fallback, &error);

        if (r < 0) {
            simulator_options_deinit(options);
            return r;
        }
    }
    return 0;
}

static void free_own(struct simulator_options *options)
{
    for (size_t i = 0; i < COUNT_OF(places); i++)
        option_value_free(places[i].kind, (char *)options + places[i].offset);
}

void simulator_options_deinit(struct simulator_options *options)
{
    for (size_t i = 0; i < options->variant_count; i++) {
        free_own(options->variants[i].options);
        free(options->variants[i].options);
        free(options->variants[i].model);
    }
    free(options->variants);
    free_own(options);
    *options = (struct simulator_options){0};
}

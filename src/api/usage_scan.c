#include "api/usage_scan.h"

#include "base/cleanup.h"

/* No server counts more: what claims to is 0, as in chats (answer_tree.c). */
#define TOKENS_MAX UINT64_C(1000000000000000)

static uint64_t tokens_of(struct json_scan *value)
{
    const uint64_t amount = json_scan_amount(value);

    return amount < TOKENS_MAX ? amount : 0;
}

/* One count out of a details object: {"cached_tokens": 3}. */
static uint64_t detail_of(struct json_scan *details, const char *name)
{
    struct json_scan count = {0};

    if (details->at)
        json_scan_members(details, &name, 1, &count);
    return tokens_of(&count);
}

struct api_usage usage_scan_responses(struct json_scan *scan)
{
    static const char *const keys[] = {"input_tokens", "output_tokens", "total_tokens",
                                       "input_tokens_details", "output_tokens_details"};
    struct json_scan values[COUNT_OF(keys)];

    json_scan_members(scan, keys, COUNT_OF(keys), values);
    return (struct api_usage){
        .present = true,
        .prompt_tokens = tokens_of(&values[0]),
        .completion_tokens = tokens_of(&values[1]),
        .total_told = values[2].at != NULL,
        .total_tokens = tokens_of(&values[2]),
        .cached_tokens = detail_of(&values[3], "cached_tokens"),
        .reasoning_tokens = detail_of(&values[4], "reasoning_tokens"),
    };
}

struct api_usage usage_scan_embeddings(struct json_scan *scan)
{
    static const char *const keys[] = {"prompt_tokens", "total_tokens"};
    struct json_scan values[COUNT_OF(keys)];

    json_scan_members(scan, keys, COUNT_OF(keys), values);
    return (struct api_usage){
        .present = true,
        .prompt_only = true,
        .prompt_tokens = tokens_of(&values[0]),
        .total_told = values[1].at != NULL,
        .total_tokens = tokens_of(&values[1]),
    };
}

void usage_scan_messages(struct json_scan *scan, struct api_usage *usage)
{
    static const char *const keys[] = {"input_tokens", "cache_creation_input_tokens",
                                       "cache_read_input_tokens", "output_tokens"};
    struct json_scan values[COUNT_OF(keys)];

    json_scan_members(scan, keys, COUNT_OF(keys), values);
    if (values[0].at) {
        usage->cached_tokens = tokens_of(&values[2]);
        usage->prompt_tokens =
            tokens_of(&values[0]) + tokens_of(&values[1]) + usage->cached_tokens;
    }
    if (values[3].at)
        usage->completion_tokens = tokens_of(&values[3]);
}

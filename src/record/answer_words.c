#include "record/answer_words.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/json_scan.h"

/* Behind a name: blanks, a colon and blanks. NULL: it is no name. */
static const char *value_of(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r'))
        at++;
    if (at == end || *at != ':')
        return NULL;
    for (at++; at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r');)
        at++;
    return at < end ? at : NULL;
}

/*
 * The value of the next member of a name, which is given with its quotes. Within a string a quote has a
 * backslash before it, so that such a name there is not found.
 */
static const char *next_member(const char *at, const char *end, const char *quoted)
{
    const size_t len = strlen(quoted);

    while (at < end) {
        const char *value;

        at = memmem(at, (size_t)(end - at), quoted, len);
        if (!at)
            return NULL;
        value = value_of(at + len, end);
        if (value)
            return value;
        at += len;
    }
    return NULL;
}

static uint64_t amount(struct json_scan *value)
{
    return value->at ? json_scan_amount(value) : 0;
}

static void read_usage(const char *text, size_t len, uint64_t *prompt_tokens,
                       uint64_t *completion_tokens)
{
    static const char *const keys[] = {
        "prompt_tokens",           "input_tokens",
        "completion_tokens",       "output_tokens",
        "cache_read_input_tokens", "cache_creation_input_tokens"};
    struct json_scan scan = json_scan_begin(text, len);
    struct json_scan values[COUNT_OF(keys)];
    uint64_t prompt;
    uint64_t completion;

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    if (scan.failed)
        return;
    prompt =
        amount(&values[0]) + amount(&values[1]) + amount(&values[4]) + amount(&values[5]);
    completion = amount(&values[2]) + amount(&values[3]);
    if (prompt > 0)
        *prompt_tokens = prompt;
    if (completion > 0)
        *completion_tokens = completion;
}

void answer_words_usage(const char *text, size_t len, uint64_t *prompt_tokens,
                        uint64_t *completion_tokens)
{
    const char *end = text + len;
    const char *last = NULL;

    for (const char *value = next_member(text, end, "\"usage\""); value;
         value = next_member(value, end, "\"usage\""))
        if (*value == '{')
            last = value;
    if (last)
        read_usage(last, (size_t)(end - last), prompt_tokens, completion_tokens);
}

bool answer_words_output(const char *text, size_t len)
{
    static const char *const names[] = {
        "\"content\"",   "\"reasoning_content\"", "\"reasoning\"",
        "\"text\"",      "\"thinking\"",          "\"delta\"",
        "\"arguments\"", "\"partial_json\"",      "\"refusal\"",
    };
    const char *end = text + len;

    for (size_t i = 0; i < COUNT_OF(names); i++)
        for (const char *value = next_member(text, end, names[i]); value;
             value = next_member(value, end, names[i]))
            if (end - value >= 2 && value[0] == '"' && value[1] != '"')
                return true;
    return false;
}

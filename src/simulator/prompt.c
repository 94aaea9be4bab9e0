#include "simulator/prompt.h"

#include <errno.h>
#include <string.h>

#define TOKENS_OF_MESSAGE 3
#define TOKENS_OF_IMAGE 85
#define BYTES_PER_TOKEN 4

/* FNV-1a, 64 bits. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

static uint64_t hash_text(uint64_t hash, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * HASH_PRIME;
    /* What ends here differs from what goes on. */
    return (hash ^ 0xff) * HASH_PRIME;
}

static uint64_t tokens_of(uint64_t bytes)
{
    return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
}

void prompt_init(struct prompt *prompt)
{
    *prompt = (struct prompt){.hash = HASH_BEGIN};
}

void prompt_add_text(struct prompt *prompt, const char *text, size_t len)
{
    prompt->tokens += tokens_of(len);
    prompt->hash = hash_text(prompt->hash, text, len);
}

int prompt_add_token_ids(struct prompt *prompt, const json_t *ids)
{
    size_t i;
    const json_t *id;

    json_array_foreach(ids, i, id)
    {
        const json_int_t value = json_integer_value(id);

        if (!json_is_integer(id))
            return -EINVAL;
        prompt->hash = hash_text(prompt->hash, (const char *)&value, sizeof(value));
    }
    prompt->tokens += json_array_size(ids);
    return 0;
}

/* Adds the parts of a message that are text or images; ret_bytes: of its text. */
static int add_parts(struct prompt *prompt, const json_t *parts, uint64_t *ret_bytes)
{
    size_t i;
    const json_t *part;

    json_array_foreach(parts, i, part)
    {
        const char *type = json_string_value(json_object_get(part, "type"));
        const json_t *text = json_object_get(part, "text");

        if (!type)
            return -EINVAL;
        if (strstr(type, "text") && json_is_string(text)) {
            *ret_bytes += json_string_length(text);
            prompt->hash = hash_text(prompt->hash, json_string_value(text),
                                     json_string_length(text));
        } else if (strstr(type, "image")) {
            prompt->tokens += TOKENS_OF_IMAGE;
        }
    }
    return 0;
}

int prompt_add_message(struct prompt *prompt, const char *role, const json_t *content)
{
    uint64_t bytes = 0;
    int r = 0;

    prompt->hash = hash_text(prompt->hash, role, strlen(role));
    if (json_is_string(content)) {
        bytes = json_string_length(content);
        prompt->hash = hash_text(prompt->hash, json_string_value(content), bytes);
    } else if (json_is_array(content)) {
        r = add_parts(prompt, content, &bytes);
    } else if (content && !json_is_null(content)) {
        r = -EINVAL;
    }
    prompt->tokens += TOKENS_OF_MESSAGE + tokens_of(bytes);
    return r;
}

#include <string.h>

#include <jansson.h>

#include "api/answer.h"

/*
 * jansson refuses lone surrogates and NUL in strings, and so what only the scanner can read was
 * read there; what comes here is odd in shape: escaped keys, negative or fractional counts, more
 * choices than the scanner keeps.
 */
static bool text_of(const json_t *object, const char *key, const char **ret_text,
                    size_t *ret_len)
{
    const json_t *value = json_object_get(object, key);

    if (!json_is_string(value) || json_string_length(value) == 0)
        return false;
    *ret_text = json_string_value(value);
    *ret_len = json_string_length(value);
    return true;
}

static uint64_t count_of(const json_t *object, const char *key)
{
    const double value = json_number_value(json_object_get(object, key));

    return value >= 0 && value < 1e15 ? (uint64_t)value : 0;
}

static void read_delta(struct api_reader *reader, const json_t *delta,
                       struct answer *answer)
{
    static const char *const contents[] = {"content", "refusal"};
    static const char *const reasonings[] = {"reasoning_content", "reasoning"};
    const char *text = NULL;
    size_t len = 0;

    for (size_t i = 0; i < 2; i++) {
        if (text_of(delta, contents[i], &text, &len)) {
            answer->output |= API_OUTPUT_CONTENT;
            answer_append_text(reader, text, len);
        }
        if (text_of(delta, reasonings[i], &text, &len))
            answer->output |= API_OUTPUT_REASONING;
    }
    if (json_array_size(json_object_get(delta, "tool_calls")) > 0 ||
        json_is_object(json_object_get(delta, "function_call")))
        answer->output |= API_OUTPUT_TOOL_CALL;
}

static void read_choices(struct api_reader *reader, enum answer_of of,
                         const json_t *choices, struct answer *answer)
{
    const char *text = NULL;
    size_t len = 0;
    size_t index = 0;
    const json_t *choice = NULL;

    answer->choice = json_array_size(choices) > 0;
    json_array_foreach(choices, index, choice)
    {
        read_delta(reader, json_object_get(choice, "delta"), answer);
        read_delta(reader, json_object_get(choice, "message"), answer);
        if (of == ANSWER_OF_COMPLETION && text_of(choice, "text", &text, &len)) {
            answer->output |= API_OUTPUT_CONTENT;
            answer_append_text(reader, text, len);
        }
        if (text_of(choice, "finish_reason", &text, &len))
            answer_note_finish(reader, text, len);
    }
}

static void read_usage(struct api_reader *reader, const json_t *usage)
{
    if (!json_is_object(usage))
        return;
    reader->usage = (struct api_usage){
        .present = true,
        .total_told = json_is_number(json_object_get(usage, "total_tokens")),
        .total_tokens = count_of(usage, "total_tokens"),
        .prompt_tokens = count_of(usage, "prompt_tokens"),
        .completion_tokens = count_of(usage, "completion_tokens"),
        .cached_tokens =
            count_of(json_object_get(usage, "prompt_tokens_details"), "cached_tokens"),
        .reasoning_tokens = count_of(json_object_get(usage, "completion_tokens_details"),
                                     "reasoning_tokens"),
    };
}

/* llama.cpp's: see answer_scan.c. A day and more is no time to read a prompt. */
static void read_timings(struct api_reader *reader, const json_t *timings)
{
    const double prompt_ms = json_number_value(json_object_get(timings, "prompt_ms"));

    if (prompt_ms > 0 && prompt_ms < 86400e3)
        reader->prompt_ns = (uint64_t)(prompt_ms * 1e6);
}

/* An error stands under "error", or is the object itself: {"object":"error","message":"…"}. */
static bool read_error(struct api_reader *reader, const json_t *root)
{
    const json_t *error = json_object_get(root, "error");
    const char *kind = json_string_value(json_object_get(root, "object"));
    const char *text = "";
    size_t len = 0;

    if (kind && strcmp(kind, "error") == 0)
        error = root;
    if (!error || json_is_null(error))
        return false;
    if (json_is_string(error))
        answer_note_error(reader, json_string_value(error), json_string_length(error));
    else if (text_of(error, "message", &text, &len))
        answer_note_error(reader, text, len);
    return true;
}

bool answer_tree(struct api_reader *reader, enum answer_of of, const char *text,
                 size_t len, struct answer *ret_answer)
{
    struct answer answer = {0};
    const char *id = NULL;
    size_t id_len = 0;
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(root)) {
        json_decref(root);
        return false;
    }
    answer.error = read_error(reader, root);
    if (text_of(root, "id", &id, &id_len))
        answer_note_id(reader, id, id_len);
    read_choices(reader, of, json_object_get(root, "choices"), &answer);
    read_usage(reader, json_object_get(root, "usage"));
    read_timings(reader, json_object_get(root, "timings"));
    json_decref(root);
    *ret_answer = answer;
    return true;
}

#include <string.h>

#include "api/answer.h"

/* What a scan found, kept aside until it is known that the whole object was understood. */
struct findings {
    enum answer_of of;
    struct answer answer;
    struct api_usage usage;
    bool usage_seen;
    uint64_t prompt_ns;
    struct json_piece finish;     /* its reason */
    struct json_piece content[4]; /* of several choices */
    size_t content_count;
    struct json_piece text; /* the last piece of content or reasoning */
    size_t text_count;
    struct json_piece message; /* of an error */
    struct json_piece id;
};

static bool is_null(struct json_scan *scan)
{
    return json_scan_peek(scan) == 'n';
}

/* A string or null. A missing string has no bytes. */
static struct json_piece string_or_null(struct json_scan *scan)
{
    if (!is_null(scan))
        return json_scan_string(scan);
    json_scan_skip(scan);
    return (struct json_piece){0};
}

static void scan_reasoning(struct json_scan *scan, struct findings *found)
{
    const struct json_piece piece = string_or_null(scan);

    if (piece.len == 0)
        return;
    found->answer.output |= API_OUTPUT_REASONING;
    found->text = piece;
    found->text_count++;
}

static void scan_content(struct json_scan *scan, struct findings *found)
{
    const struct json_piece piece = string_or_null(scan);

    if (piece.len == 0)
        return;
    found->answer.output |= API_OUTPUT_CONTENT;
    found->text = piece;
    found->text_count++;
    if (found->content_count == sizeof(found->content) / sizeof(found->content[0]))
        scan->failed = true; /* more choices than are kept aside: the tree looks */
    else
        found->content[found->content_count++] = piece;
}

/* Tool calls: an array with at least one element, or (the old form) an object. */
static void scan_tools(struct json_scan *scan, struct findings *found)
{
    const struct json_scan before = *scan;
    struct json_scan inside = before;
    const char c = json_scan_peek(&inside);

    if (c == '{' || (c == '[' && json_scan_enter(&inside, '[')))
        found->answer.output |= API_OUTPUT_TOOL_CALL;
    json_scan_skip(scan);
}

/* The delta of a chunk or the message of an answer. */
static void scan_delta(struct json_scan *scan, struct findings *found)
{
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_key(scan);

        if (json_piece_is(key, "content") || json_piece_is(key, "refusal")) {
            scan_content(scan, found);
        } else if (json_piece_is(key, "reasoning_content") ||
                   json_piece_is(key, "reasoning")) {
            scan_reasoning(scan, found);
        } else if (json_piece_is(key, "tool_calls") ||
                   json_piece_is(key, "function_call")) {
            scan_tools(scan, found);
        } else {
            json_scan_skip(scan);
        }
    }
}

static void scan_choice(struct json_scan *scan, struct findings *found)
{
    found->answer.choice = true;
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_key(scan);

        if ((json_piece_is(key, "delta") || json_piece_is(key, "message")) &&
            !is_null(scan)) {
            scan_delta(scan, found);
        } else if (found->of == ANSWER_OF_COMPLETION && json_piece_is(key, "text")) {
            scan_content(scan, found);
        } else if (json_piece_is(key, "finish_reason")) {
            const struct json_piece reason = string_or_null(scan);

            if (reason.len > 0)
                found->finish = reason;
        } else {
            json_scan_skip(scan);
        }
    }
}

/* One count out of a details object: {"cached_tokens": 3}. */
static uint64_t scan_detail(struct json_scan *scan, const char *name)
{
    uint64_t count = 0;

    if (is_null(scan)) {
        json_scan_skip(scan);
        return 0;
    }
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        if (json_piece_is(json_scan_key(scan), name) && !is_null(scan))
            count = json_scan_count(scan);
        else
            json_scan_skip(scan);
    }
    return count;
}

static void scan_usage(struct json_scan *scan, struct findings *found)
{
    struct api_usage usage = {.present = true};

    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        const struct json_piece key = json_scan_key(scan);

        if (is_null(scan)) {
            json_scan_skip(scan);
        } else if (json_piece_is(key, "prompt_tokens")) {
            usage.prompt_tokens = json_scan_count(scan);
        } else if (json_piece_is(key, "completion_tokens")) {
            usage.completion_tokens = json_scan_count(scan);
        } else if (json_piece_is(key, "total_tokens")) {
            usage.total_tokens = json_scan_count(scan);
            usage.total_told = true;
        } else if (json_piece_is(key, "prompt_tokens_details")) {
            usage.cached_tokens = scan_detail(scan, "cached_tokens");
        } else if (json_piece_is(key, "completion_tokens_details")) {
            usage.reasoning_tokens = scan_detail(scan, "reasoning_tokens");
        } else {
            json_scan_skip(scan);
        }
    }
    found->usage = usage;
    found->usage_seen = true;
}

/* What llama.cpp adds to the last chunk: {"prompt_n":14,"prompt_ms":81.3,"predicted_ms":…}. */
static void scan_timings(struct json_scan *scan, struct findings *found)
{
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        if (json_piece_is(json_scan_key(scan), "prompt_ms") && !is_null(scan))
            found->prompt_ns = json_scan_millionths(scan); /* of a millisecond: ns */
        else
            json_scan_skip(scan);
    }
}

/* An error: an object with a message, or a bare string. */
static void scan_error(struct json_scan *scan, struct findings *found)
{
    found->answer.error = true;
    if (json_scan_peek(scan) == '"') {
        found->message = json_scan_string(scan);
        return;
    }
    for (bool more = json_scan_enter(scan, '{'); more; more = json_scan_next(scan, '}')) {
        if (json_piece_is(json_scan_key(scan), "message") && !is_null(scan))
            found->message = json_scan_string(scan);
        else
            json_scan_skip(scan);
    }
}

static void scan_member(struct json_scan *scan, struct json_piece key,
                        struct findings *found)
{
    if (is_null(scan)) {
        json_scan_skip(scan);
    } else if (json_piece_is(key, "choices")) {
        for (bool more = json_scan_enter(scan, '['); more;
             more = json_scan_next(scan, ']'))
            scan_choice(scan, found);
    } else if (json_piece_is(key, "usage")) {
        scan_usage(scan, found);
    } else if (json_piece_is(key, "timings")) {
        scan_timings(scan, found);
    } else if (json_piece_is(key, "error")) {
        scan_error(scan, found);
    } else if (json_piece_is(key, "id") && json_scan_peek(scan) == '"') {
        found->id = json_scan_string(scan);
    } else if (json_piece_is(key, "object")) {
        /* vLLM's older mid-stream form: {"object":"error","message":"…"}. */
        if (json_piece_is(json_scan_string(scan), "error"))
            scan->failed = true;
    } else {
        json_scan_skip(scan);
    }
}

/* Whether one text is all that an object told, beside its id. */
static bool is_text_alone(const struct findings *found)
{
    const uint32_t output = found->answer.output;

    return found->text_count == 1 &&
           (output == API_OUTPUT_CONTENT || output == API_OUTPUT_REASONING) &&
           !found->answer.error && found->finish.len == 0 && !found->usage_seen &&
           found->prompt_ns == 0 && !found->id.escaped;
}

static bool scan_object(struct api_reader *reader, enum answer_of of, const char *text,
                        size_t len, struct answer *ret_answer)
{
    struct json_scan scan = json_scan_begin(text, len);
    struct findings found = {.of = of};
    const uint32_t other_ids = reader->other_ids;

    for (bool more = json_scan_enter(&scan, '{'); more; more = json_scan_next(&scan, '}'))
        scan_member(&scan, json_scan_key(&scan), &found);
    if (!json_scan_is_over(&scan))
        return false;

    answer_note_finish(reader, found.finish.bytes, found.finish.len);
    if (found.usage_seen)
        reader->usage = found.usage;
    if (!found.id.escaped)
        answer_note_id(reader, found.id.bytes, found.id.len);
    if (found.prompt_ns > 0)
        reader->prompt_ns = found.prompt_ns;
    for (size_t i = 0; i < found.content_count; i++)
        answer_append_piece(reader, found.content[i]);
    if (found.answer.error)
        answer_note_error(reader, found.message.bytes, found.message.len);
    if (is_text_alone(&found)) {
        answer_shape_keep(&reader->shape, text, len, found.text, found.answer.output);
        reader->shape.other_id = reader->other_ids != other_ids;
    }
    *ret_answer = found.answer;
    return true;
}

bool answer_scan(struct api_reader *reader, enum answer_of of, const char *text,
                 size_t len, struct answer *ret_answer)
{
    return answer_shape_read(reader, text, len, ret_answer) ||
           scan_object(reader, of, text, len, ret_answer);
}

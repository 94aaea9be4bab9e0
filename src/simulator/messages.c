/*
 * POST /v1/messages: what the request asks for, and Anthropic's form of the answer. Reasoning is
 * told as a block of thinking, whether the request enables that or not.
 * Source: Anthropic API reference, "Create a message", "Streaming messages", "Errors".
 */
#include <inttypes.h>
#include <string.h>

#include "simulator/asked.h"
#include "simulator/endpoint.h"
#include "simulator/prompt.h"
#include "simulator/usage.h"
#include "simulator/voice.h"

/* What a block of thinking is signed with: opaque to clients. */
#define SIGNATURE "c2ltdWxhdGVkIHRob3VnaHRzIG5lZWQgbm8gc2VhbA=="

/* --- The answer. --- */

/* As JSON. */
static const char *stop_reason(const struct generation *generation)
{
    if (generation->flaw == TRUTH_FAULT_NO_FINISH)
        return "null";
    return generation->is_cut ? "\"max_tokens\"" : "\"end_turn\"";
}

static void write_usage(const struct generation *generation, uint64_t output_tokens,
                        struct buf *out)
{
    const struct usage usage = usage_of(generation);
    /* Cached ones are counted apart; a wrong usage has more of them than there are. */
    const uint64_t input = usage.prompt > usage.cached ? usage.prompt - usage.cached : 0;

    buf_printf(out,
               "\"usage\":{\"input_tokens\":%" PRIu64
               ",\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":%" PRIu64
               ",\"output_tokens\":%" PRIu64 "}",
               input, usage.cached, output_tokens);
}

static void write_identity(const struct generation *generation, struct buf *out)
{
    buf_printf(out,
               "{\"id\":\"%s\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"",
               generation->id);
    buf_append_json(out, generation->model, strlen(generation->model));
    buf_append_str(out, "\",\"content\":[");
}

static void write_start(const struct generation *generation, struct buf *out)
{
    buf_append_str(
        out, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":");
    write_identity(generation, out);
    buf_append_str(out, "],\"stop_reason\":null,\"stop_sequence\":null,");
    write_usage(generation, 1, out);
    buf_append_str(out, "}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n");
}

/* Which block: an answer comes behind its thinking. */
static int block_index(const struct generation *generation, enum truth_kind kind)
{
    return kind == TRUTH_CONTENT && generation->reasoning_tokens > 0 ? 1 : 0;
}

static void open_block(int index, enum truth_kind kind, struct buf *out)
{
    buf_printf(out,
               "event: content_block_start\ndata: {\"type\":\"content_block_start\","
               "\"index\":%d,\"content_block\":%s}\n\n",
               index,
               kind == TRUTH_REASONING
                   ? "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"
                   : "{\"type\":\"text\",\"text\":\"\"}");
}

static void begin_delta(int index, struct buf *out)
{
    buf_append_str(out, "event: content_block_delta\ndata: {\"type\":"
                        "\"content_block_delta\",\"index\":");
    buf_append_char(out, index == 0 ? '0' : '1');
}

static void close_block(int index, enum truth_kind kind, struct buf *out)
{
    if (kind == TRUTH_REASONING) {
        begin_delta(index, out);
        buf_append_str(out, ",\"delta\":{\"type\":\"signature_delta\",\"signature\":"
                            "\"" SIGNATURE "\"}}\n\n");
    }
    buf_printf(out,
               "event: content_block_stop\ndata: {\"type\":\"content_block_stop\","
               "\"index\":%d}\n\n",
               index);
}

/* Words, with what opens their block before the first and closes it behind the last. */
static void write_words(const struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    const int index = block_index(generation, event->kind);

    if (event->is_first)
        open_block(index, event->kind, out);
    begin_delta(index, out);
    buf_append_str(out, event->kind == TRUTH_REASONING
                            ? ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\""
                            : ",\"delta\":{\"type\":\"text_delta\",\"text\":\"");
    buf_append(out, event->text, event->len);
    buf_append_str(out, "\"}}\n\n");
    if (event->is_last)
        close_block(index, event->kind, out);
}

static void write_event(struct generation *generation,
                        const struct generation_event *event, struct buf *out)
{
    if (event->kind == TRUTH_ROLE) {
        write_start(generation, out);
    } else if (event->kind == TRUTH_REASONING || event->kind == TRUTH_CONTENT) {
        write_words(generation, event, out);
    } else if (event->kind == TRUTH_FINISH) {
        buf_printf(out,
                   "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
                   "\"stop_reason\":%s,\"stop_sequence\":null},",
                   stop_reason(generation));
        write_usage(generation, usage_of(generation).completion, out);
        buf_append_str(out, "}\n\n");
    } else if (event->kind == TRUTH_DONE) {
        buf_append_str(out, "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }
}

static void write_error(struct generation *generation, struct buf *out)
{
    static const struct exchange_error error = {500, NULL, NULL, NULL};

    (void)generation;
    buf_append_str(out, "event: error\ndata: ");
    voice_write_error(VOICE_ANTHROPIC, &error, VOICE_SERVER_ERROR, out);
    buf_append_str(out, "\n\n");
}

static void write_body(struct generation *generation, struct buf *out)
{
    write_identity(generation, out);
    if (generation->reasoning_tokens > 0) {
        buf_append_str(out, "{\"type\":\"thinking\",\"thinking\":\"");
        generation_retell_reasoning(generation, out);
        buf_append_str(out, "\",\"signature\":\"" SIGNATURE "\"}");
    }
    if (generation->reasoning_tokens > 0 && generation->content_tokens > 0)
        buf_append_char(out, ',');
    if (generation->content_tokens > 0) {
        buf_append_str(out, "{\"type\":\"text\",\"text\":\"");
        generation_retell_choice(generation, 0, out);
        buf_append_str(out, "\"}");
    }
    buf_printf(out, "],\"stop_reason\":%s,\"stop_sequence\":null,",
               stop_reason(generation));
    write_usage(generation, usage_of(generation).completion, out);
    buf_append_char(out, '}');
}

static const struct generation_format messages_format = {
    .id_prefix = "msg_",
    .has_done = true,
    .write_event = write_event,
    .write_error = write_error,
    .write_body = write_body,
};

/* --- The request. --- */

static int read_messages(const json_t *root, struct generation_spec *spec,
                         struct refusal *refusal)
{
    const json_t *messages = json_object_get(root, "messages");
    const json_t *system = json_object_get(root, "system");
    struct prompt prompt;
    size_t i;
    const json_t *message;

    if (json_array_size(messages) == 0)
        return refusal_set(refusal, NULL, NULL,
                           "messages: at least one message is required");
    prompt_init(&prompt);
    if (system && prompt_add_message(&prompt, "system", system) < 0)
        return refusal_set(refusal, NULL, NULL,
                           "system: Input should be a valid string or list of blocks");
    json_array_foreach(messages, i, message)
    {
        const char *role = json_string_value(json_object_get(message, "role"));

        if (!role || (strcmp(role, "user") != 0 && strcmp(role, "assistant") != 0))
            return refusal_set(refusal, NULL, NULL,
                               "messages.role: Input should be 'user' or 'assistant'");
        if (!json_object_get(message, "content") ||
            prompt_add_message(&prompt, role, json_object_get(message, "content")) < 0)
            return refusal_set(refusal, NULL, NULL,
                               "messages.content: Input should be a valid string or "
                               "list of blocks");
    }
    spec->prompt_tokens = prompt.tokens;
    spec->content_hash = prompt.hash;
    return 0;
}

static int read_request(const json_t *root, struct generation_spec *spec,
                        struct refusal *refusal)
{
    int r = asked_read_model(root, &spec->model, refusal);

    if (r < 0)
        return r;
    if (!json_object_get(root, "max_tokens"))
        return refusal_set(refusal, NULL, NULL, "max_tokens: Field required");
    if (asked_read_count(json_object_get(root, "max_tokens"), 1, &spec->max_tokens) < 0)
        return refusal_set(refusal, NULL, NULL,
                           "max_tokens: Input should be greater than or equal to 1");
    r = read_messages(root, spec, refusal);
    return r < 0 ? r : asked_read_stream(root, false, spec, refusal);
}

void messages_create(struct exchange *exchange)
{
    struct generation_spec spec = GENERATION_SPEC(&messages_format);
    struct refusal refusal;
    json_t *root = asked_parse(exchange);
    const int r = read_request(root, &spec, &refusal);

    asked_begin(exchange, r, &spec, &refusal);
    json_decref(root);
}

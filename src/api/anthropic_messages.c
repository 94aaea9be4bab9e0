/*
 * Anthropic's messages ("Create a Message" and "Streaming messages" of its API reference): the system
 * prompt stands beside the messages, max_tokens is required, the key is a header of its own, and
 * events say of what type they are. message_delta carries the stop reason and the usage so far;
 * message_stop ends the stream.
 */
#include "api/body.h"
#include "api/dialects.h"
#include "api/events.h"
#include "api/usage_scan.h"
#include "base/cleanup.h"

/* What is sent where the scenario has no limit: what the examples of the reference have. */
#define MAX_TOKENS 1024

static int write_messages(const struct api_ask *ask, struct buf *text)
{
    const uint64_t most = ask->max_tokens ? ask->max_tokens : ask->max_completion_tokens;
    struct body body;
    const int r = body_begin(&body, ask->extra_body, text);

    if (r < 0)
        return r;
    body_string(&body, "model", ask->model);
    body_count(&body, "max_tokens", most ? most : MAX_TOKENS);
    body_system(&body, "system", ask->system, ask->conversation);
    if (body_member(&body, "messages"))
        body_append_messages(text, ask->conversation, NULL, false);
    if (ask->stream)
        body_true(&body, "stream");
    body_number(&body, "temperature", ask->temperature);
    body_move_to_list(&body, "stop", "stop_sequences");
    return body_end(&body);
}

/* {"type":"text_delta","text":"…"}, thinking_delta, input_json_delta; a signature is no output. */
static bool read_delta(struct event *event)
{
    static const struct {
        const char *type;
        enum api_output output;
    } kinds[] = {{"text_delta", API_OUTPUT_CONTENT},
                 {"thinking_delta", API_OUTPUT_REASONING},
                 {"input_json_delta", API_OUTPUT_TOOL_CALL}};
    static const char *const keys[] = {"text", "thinking", "partial_json", "type"};
    struct json_scan values[COUNT_OF(keys)];

    if (!event->delta.at)
        return false;
    json_scan_members(&event->delta, keys, COUNT_OF(keys), values);
    if (event->delta.failed)
        return false;
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (event_is(values[COUNT_OF(kinds)], kinds[i].type))
            return event_take_text(event->reader, values[i], kinds[i].output,
                                   &event->text, &event->answer);
    return true;
}

/*
 * What a block is, whole or at its beginning: texts, a tool's name, which is output, and thinking,
 * also where nobody may read it.
 */
static bool scan_block(struct api_reader *reader, struct json_scan block,
                       struct answer *answer)
{
    static const char *const keys[] = {"type", "text", "thinking"};
    struct json_scan values[COUNT_OF(keys)];

    json_scan_members(&block, keys, COUNT_OF(keys), values);
    if (block.failed || !values[0].at)
        return false;
    if (event_is(values[0], "text"))
        return event_take_text(reader, values[1], API_OUTPUT_CONTENT, NULL, answer);
    if (event_is(values[0], "thinking"))
        return event_take_text(reader, values[2], API_OUTPUT_REASONING, NULL, answer);
    if (event_is(values[0], "redacted_thinking"))
        answer->output |= API_OUTPUT_REASONING;
    if (event_is(values[0], "tool_use") || event_is(values[0], "server_tool_use"))
        answer->output |= API_OUTPUT_TOOL_CALL;
    return true;
}

static bool read_block(struct event *event)
{
    return event->block.at && scan_block(event->reader, event->block, &event->answer);
}

/* {"id":"msg_…","usage":{…}}: of the prompt; the answer is only beginning. */
static bool read_start(struct event *event)
{
    static const char *const keys[] = {"id", "usage"};
    struct json_scan values[COUNT_OF(keys)];

    if (!event->message.at)
        return false;
    json_scan_members(&event->message, keys, COUNT_OF(keys), values);
    if (event->message.failed)
        return false;
    event_take_id(event->reader, values[0]);
    if (values[1].at)
        usage_scan_messages(&values[1], &event->reader->usage);
    return true;
}

/* {"stop_reason":"end_turn"}, and beside it the usage. */
static bool read_end(struct event *event)
{
    static const char *const keys[] = {"stop_reason"};
    struct json_scan reason = {0};

    if (event->delta.at)
        json_scan_members(&event->delta, keys, COUNT_OF(keys), &reason);
    if (event->delta.failed)
        return false;
    event_take_finish(event->reader, reason);
    if (event->usage.at) {
        usage_scan_messages(&event->usage, &event->reader->usage);
        event->reader->usage.present = true;
    }
    return true;
}

static bool read_stop(struct event *event)
{
    event->reader->done = true;
    return true;
}

/* An error whose object is missing. */
static bool read_error(struct event *event)
{
    event->answer.error = true;
    return true;
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    static const struct event_type types[] = {
        {"content_block_delta", read_delta}, {"content_block_start", read_block},
        {"message_start", read_start},       {"message_delta", read_end},
        {"message_stop", read_stop},         {"error", read_error},
    };

    return event_read(reader, types, COUNT_OF(types), data, len, ret_output);
}

static bool scan_message(struct api_reader *reader, const char *text, size_t len,
                         struct answer *ret_answer)
{
    enum { ID, CONTENT, REASON, USAGE, ERROR };
    static const char *const keys[] = {"id", "content", "stop_reason", "usage", "error"};
    struct json_scan values[COUNT_OF(keys)];
    struct json_scan scan = json_scan_begin(text, len);

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    if (!json_scan_is_over(&scan))
        return false;
    if (values[ERROR].at) {
        event_take_error(reader, values[ERROR], ret_answer);
        return true;
    }
    event_take_id(reader, values[ID]);
    event_take_finish(reader, values[REASON]);
    if (values[USAGE].at) {
        usage_scan_messages(&values[USAGE], &reader->usage);
        reader->usage.present = true;
    }
    if (!values[CONTENT].at)
        return true;
    for (bool more = json_scan_enter(&values[CONTENT], '['); more;
         more = json_scan_next(&values[CONTENT], ']')) {
        if (!scan_block(reader, values[CONTENT], ret_answer))
            return false;
        json_scan_skip(&values[CONTENT]);
    }
    return !values[CONTENT].failed;
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return event_read_body(reader, scan_message, text, len, ret_output);
}

static const struct plan_pair version[] = {
    {.key = "anthropic-version", .value = "2023-06-01"}};

const struct api_dialect dialect_anthropic_messages = {
    .name = "anthropic messages",
    .path = "/messages",
    .auth = API_AUTH_X_API_KEY,
    .accept = "application/json",
    .headers = version,
    .header_count = COUNT_OF(version),
    .generates = true,
    .max_tokens = MAX_TOKENS,
    .write = write_messages,
    .read_event = read_event,
    .read_body = read_body,
};

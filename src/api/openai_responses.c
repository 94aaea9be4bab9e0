/*
 * OpenAI's responses ("Create a model response" and "Streaming events" of its API reference): messages
 * are `input`, the system message is `instructions`, and events say of what type they are. The stream
 * ends with response.completed, .incomplete or .failed, which carries the response with its usage;
 * there is no mark behind it.
 */
#include "api/body.h"
#include "api/dialects.h"
#include "api/events.h"
#include "api/usage_scan.h"
#include "base/cleanup.h"

static int write_response(const struct api_ask *ask, struct buf *text)
{
    struct body body;
    const int r = body_begin(&body, ask->extra_body, text);

    if (r < 0)
        return r;
    body_string(&body, "model", ask->model);
    if (ask->system)
        body_string(&body, "instructions", ask->system);
    if (body_member(&body, "input"))
        body_append_messages(text, ask->conversation, NULL, !ask->system);
    if (ask->stream)
        body_true(&body, "stream");
    body_count(&body, "max_output_tokens",
               ask->max_tokens ? ask->max_tokens : ask->max_completion_tokens);
    body_number(&body, "temperature", ask->temperature);
    return body_end(&body);
}

static bool take_delta(struct event *event, enum api_output output)
{
    return event_take_text(event->reader, event->delta, output, &event->text,
                           &event->answer);
}

static bool read_content(struct event *event)
{
    return take_delta(event, API_OUTPUT_CONTENT);
}

static bool read_reasoning(struct event *event)
{
    return take_delta(event, API_OUTPUT_REASONING);
}

static bool read_arguments(struct event *event)
{
    return take_delta(event, API_OUTPUT_TOOL_CALL);
}

static bool is_call(struct json_scan type)
{
    static const char *const calls[] = {
        "function_call",    "custom_tool_call",      "mcp_call",     "web_search_call",
        "file_search_call", "code_interpreter_call", "computer_call"};

    for (size_t i = 0; i < COUNT_OF(calls); i++)
        if (event_is(type, calls[i]))
            return true;
    return false;
}

/* An item of the output begins: a call of a tool is output with its name. */
static bool read_item(struct event *event)
{
    static const char *const keys[] = {"type"};
    struct json_scan type = {0};

    if (!event->item.at)
        return false;
    json_scan_members(&event->item, keys, COUNT_OF(keys), &type);
    if (event->item.failed)
        return false;
    if (is_call(type))
        event->answer.output |= API_OUTPUT_TOOL_CALL;
    return true;
}

/* The texts in a list of parts: of a message's content, or of what was thought. */
static bool scan_parts(struct api_reader *reader, struct json_scan list,
                       enum api_output output, struct answer *answer)
{
    static const char *const keys[] = {"text", "refusal"};
    struct json_scan values[COUNT_OF(keys)];

    if (!list.at)
        return true;
    for (bool more = json_scan_enter(&list, '['); more;
         more = json_scan_next(&list, ']')) {
        json_scan_members(&list, keys, COUNT_OF(keys), values);
        for (size_t i = 0; i < COUNT_OF(keys); i++)
            if (!list.failed && !event_take_text(reader, values[i], output, NULL, answer))
                return false;
    }
    return !list.failed;
}

static bool scan_item(struct api_reader *reader, struct json_scan item,
                      struct answer *answer)
{
    static const char *const keys[] = {"type", "content", "summary"};
    struct json_scan values[COUNT_OF(keys)];

    json_scan_members(&item, keys, COUNT_OF(keys), values);
    if (item.failed)
        return false;
    if (event_is(values[0], "message"))
        return scan_parts(reader, values[1], API_OUTPUT_CONTENT, answer);
    if (event_is(values[0], "reasoning"))
        return scan_parts(reader, values[1], API_OUTPUT_REASONING, answer) &&
               scan_parts(reader, values[2], API_OUTPUT_REASONING, answer);
    if (is_call(values[0]))
        answer->output |= API_OUTPUT_TOOL_CALL;
    return true;
}

enum { ID, STATUS, USAGE, ERROR, OUTPUT, RESPONSE_KEYS };

/* The members of a response, and what those tell that stand in a stream's too. */
static bool scan_response(struct api_reader *reader, struct json_scan *response,
                          struct json_scan values[static RESPONSE_KEYS],
                          struct answer *answer)
{
    static const char *const keys[RESPONSE_KEYS] = {
        [ID] = "id",       [STATUS] = "status", [USAGE] = "usage",
        [ERROR] = "error", [OUTPUT] = "output",
    };

    json_scan_members(response, keys, RESPONSE_KEYS, values);
    if (response->failed)
        return false;
    event_take_id(reader, values[ID]);
    if (values[USAGE].at)
        reader->usage = usage_scan_responses(&values[USAGE]);
    if (values[ERROR].at)
        event_take_error(reader, values[ERROR], answer);
    if (event_is(values[STATUS], "failed"))
        answer->error = true;
    if (event_is(values[STATUS], "completed") || event_is(values[STATUS], "incomplete"))
        event_take_finish(reader, values[STATUS]);
    return true;
}

/* response.created and in_progress: the response so far. */
static bool read_begin(struct event *event)
{
    struct json_scan values[RESPONSE_KEYS];

    return event->response.at &&
           scan_response(event->reader, &event->response, values, &event->answer);
}

/* response.completed and incomplete: nothing follows. */
static bool read_end(struct event *event)
{
    if (!read_begin(event))
        return false;
    event->reader->finished = true;
    event->reader->done = true;
    return true;
}

static bool read_failed(struct event *event)
{
    event->answer.error = true;
    return read_begin(event);
}

/* {"type":"error","code":…,"message":"…"}. */
static bool read_error(struct event *event)
{
    event->answer.error = true;
    if (event->message.at)
        event_take_error(event->reader, event->message, &event->answer);
    return true;
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    static const struct event_type types[] = {
        {"response.output_text.delta", read_content},
        {"response.refusal.delta", read_content},
        {"response.reasoning_text.delta", read_reasoning},
        {"response.reasoning_summary_text.delta", read_reasoning},
        {"response.function_call_arguments.delta", read_arguments},
        {"response.custom_tool_call_input.delta", read_arguments},
        {"response.mcp_call_arguments.delta", read_arguments},
        {"response.code_interpreter_call_code.delta", read_arguments},
        {"response.output_item.added", read_item},
        {"response.created", read_begin},
        {"response.in_progress", read_begin},
        {"response.completed", read_end},
        {"response.incomplete", read_end},
        {"response.failed", read_failed},
        {"error", read_error},
    };

    return event_read(reader, types, COUNT_OF(types), data, len, ret_output);
}

static bool scan_body(struct api_reader *reader, const char *text, size_t len,
                      struct answer *ret_answer)
{
    struct json_scan scan = json_scan_begin(text, len);
    struct json_scan values[RESPONSE_KEYS];
    struct json_scan *output = &values[OUTPUT];

    if (!scan_response(reader, &scan, values, ret_answer) || !json_scan_is_over(&scan))
        return false;
    if (!output->at)
        return true;
    for (bool more = json_scan_enter(output, '['); more;
         more = json_scan_next(output, ']')) {
        if (!scan_item(reader, *output, ret_answer))
            return false;
        json_scan_skip(output);
    }
    return !output->failed;
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return event_read_body(reader, scan_body, text, len, ret_output);
}

const struct api_dialect dialect_openai_responses = {
    .name = "openai responses",
    .path = "/responses",
    .accept = "application/json",
    .generates = true,
    .write = write_response,
    .read_event = read_event,
    .read_body = read_body,
};

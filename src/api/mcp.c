/*
 * The Model Context Protocol over streamable HTTP (revision 2025-06-18, "Transports" and "Tools"): a
 * JSON-RPC 2.0 message in each request, answered by one JSON document or by a stream of events in
 * which other messages may stand before the response. A response is output whatever it holds.
 */
#include <inttypes.h>
#include <string.h>

#include "api/dialects.h"
#include "api/events.h"
#include "base/buf.h"
#include "base/cleanup.h"

int api_mcp_write(const struct api_mcp_call *call, struct buf *body)
{
    buf_append_str(body, "{\"jsonrpc\":\"2.0\"");
    if (!call->notification)
        buf_printf(body, ",\"id\":%" PRIu64, call->id);
    buf_append_str(body, ",\"method\":\"");
    buf_append_json(body, call->method, strlen(call->method));
    buf_append_char(body, '"');
    if (call->params) {
        buf_append_str(body, ",\"params\":");
        buf_append_str(body, call->params);
    }
    buf_append_char(body, '}');
    return buf_error(body);
}

/* {"content":[{"type":"text","text":"…"}],"isError":false} of a tool; other methods' as it may be. */
static bool scan_result(struct api_reader *reader, struct json_scan result,
                        struct answer *answer)
{
    static const char *const keys[] = {"content", "isError"};
    static const char *const text_key[] = {"text"};
    struct json_scan values[COUNT_OF(keys)];
    struct json_scan *content = &values[0];
    struct json_scan text = {0};

    answer->output |= API_OUTPUT_CONTENT;
    if (json_scan_peek(&result) != '{')
        return true;
    json_scan_members(&result, keys, COUNT_OF(keys), values);
    answer->tool_error = values[1].at && json_scan_peek(&values[1]) == 't';
    if (result.failed || !content->at || json_scan_peek(content) != '[')
        return !result.failed;
    for (bool more = json_scan_enter(content, '['); more;
         more = json_scan_next(content, ']')) {
        json_scan_members(content, text_key, COUNT_OF(text_key), &text);
        if (content->failed ||
            !event_take_text(reader, text, API_OUTPUT_CONTENT, NULL, answer))
            return false;
        if (answer->tool_error && text.at && !reader->error[0])
            event_note_error(reader, text);
    }
    return !content->failed;
}

static bool scan_message(struct api_reader *reader, const char *text, size_t len,
                         struct answer *ret_answer)
{
    enum { ID, METHOD, RESULT, ERROR };
    static const char *const keys[] = {"id", "method", "result", "error"};
    struct json_scan values[COUNT_OF(keys)];
    struct json_scan scan = json_scan_begin(text, len);

    json_scan_members(&scan, keys, COUNT_OF(keys), values);
    if (!json_scan_is_over(&scan))
        return false;
    if (values[METHOD].at)
        return true; /* a notification, or the server asks something */
    if (values[ERROR].at) {
        /* What could not be read has no id. */
        reader->done = true;
        event_take_error(reader, values[ERROR], ret_answer);
        return true;
    }
    if (!values[RESULT].at)
        return false;
    if (!values[ID].at || json_scan_amount(&values[ID]) != reader->call_id) {
        reader->other_ids++;
        return true;
    }
    reader->finished = true;
    reader->done = true;
    return scan_result(reader, values[RESULT], ret_answer);
}

static enum api_kind read_body(struct api_reader *reader, const char *text, size_t len,
                               uint32_t *ret_output)
{
    return event_read_body(reader, scan_message, text, len, ret_output);
}

static enum api_kind read_event(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output)
{
    if (reader->done) {
        reader->after_done++;
        return API_NOTHING;
    }
    return read_body(reader, data, len, ret_output);
}

static const struct plan_pair version[] = {
    {.key = "MCP-Protocol-Version", .value = "2025-06-18"}};

const struct api_dialect dialect_mcp = {
    .name = "mcp",
    .accept = "application/json, text/event-stream",
    .headers = version,
    .header_count = COUNT_OF(version),
    .read_event = read_event,
    .read_body = read_body,
};

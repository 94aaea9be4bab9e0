#include "api/chat_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/json_scan.h"
#include "workload/conversation.h"

/* The members of extra_body: its text between the braces, found to be an object. */
struct extra {
    const char *text;
    size_t len;
    const char *members; /* NULL when there are none */
    size_t members_len;
};

/* Whether a JSON object has a key; its other members are only skipped. */
static bool has_key(const struct extra *extra, const char *key)
{
    struct json_scan scan = json_scan_begin(extra->text, extra->len);
    bool found = false;

    for (bool more = json_scan_enter(&scan, '{'); more;
         more = json_scan_next(&scan, '}')) {
        found |= json_piece_is(json_scan_key(&scan), key);
        json_scan_skip(&scan);
    }
    return found;
}

static int extra_read(const char *text, struct extra *ret_extra)
{
    struct extra extra = {.text = text ? text : "{}"};

    extra.len = strlen(extra.text);
    struct json_scan scan = json_scan_begin(extra.text, extra.len);
    bool more = json_scan_enter(&scan, '{');

    if (more)
        extra.members = scan.at;
    for (; more; more = json_scan_next(&scan, '}')) {
        json_scan_key(&scan);
        json_scan_skip(&scan);
        extra.members_len = (size_t)(scan.at - extra.members);
    }
    if (!json_scan_is_over(&scan))
        return -EINVAL;
    *ret_extra = extra;
    return 0;
}

/* Begins a member: its comma where it is not the first, its key and the colon. */
static void begin_member(struct buf *body, const char *key)
{
    if (body->len > 0 && body->bytes[body->len - 1] != '{')
        buf_append_char(body, ',');
    buf_append_char(body, '"');
    buf_append_str(body, key);
    buf_append_str(body, "\":");
}

static void write_message(struct buf *body, struct message message)
{
    static const char *const heads[] = {
        [MESSAGE_SYSTEM] = "{\"role\":\"system\",\"content\":\"",
        [MESSAGE_USER] = "{\"role\":\"user\",\"content\":\"",
        [MESSAGE_ASSISTANT] = "{\"role\":\"assistant\",\"content\":\"",
    };

    buf_append_str(body, heads[message.role]);
    buf_append_json(body, message.content, message.len);
    buf_append_str(body, "\"}");
}

static void write_messages(struct buf *body, const struct api_chat *chat)
{
    const size_t count = conversation_count(chat->conversation);

    begin_member(body, "messages");
    buf_append_char(body, '[');
    if (chat->system)
        write_message(body, (struct message){.role = MESSAGE_SYSTEM,
                                             .content = chat->system,
                                             .len = strlen(chat->system)});
    for (size_t i = 0; i < count; i++) {
        if (i > 0 || chat->system)
            buf_append_char(body, ',');
        write_message(body, conversation_at(chat->conversation, i));
    }
    buf_append_char(body, ']');
}

static void write_options(struct buf *body, const struct api_chat *chat,
                          const struct extra *extra)
{
    if (chat->stream && !has_key(extra, "stream")) {
        begin_member(body, "stream");
        buf_append_str(body, "true");
    }
    if (chat->stream && chat->include_usage && !has_key(extra, "stream_options")) {
        begin_member(body, "stream_options");
        buf_append_str(body, "{\"include_usage\":true}");
    }
    if (chat->max_tokens && !has_key(extra, "max_tokens")) {
        begin_member(body, "max_tokens");
        buf_printf(body, "%" PRIu64, chat->max_tokens);
    }
    if (chat->max_completion_tokens && !has_key(extra, "max_completion_tokens")) {
        begin_member(body, "max_completion_tokens");
        buf_printf(body, "%" PRIu64, chat->max_completion_tokens);
    }
    if (!isnan(chat->temperature) && !has_key(extra, "temperature")) {
        begin_member(body, "temperature");
        buf_printf(body, "%.12g", chat->temperature);
    }
}

int chat_write(const struct api_chat *chat, struct buf *body)
{
    struct extra extra;
    const int r = extra_read(chat->extra_body, &extra);

    if (r < 0)
        return r;
    buf_append_char(body, '{');
    if (!has_key(&extra, "model")) {
        begin_member(body, "model");
        buf_append_char(body, '"');
        buf_append_json(body, chat->model, strlen(chat->model));
        buf_append_char(body, '"');
    }
    if (!has_key(&extra, "messages"))
        write_messages(body, chat);
    write_options(body, chat, &extra);
    if (extra.members) {
        if (body->bytes && body->bytes[body->len - 1] != '{')
            buf_append_char(body, ',');
        buf_append(body, extra.members, extra.members_len);
    }
    buf_append_char(body, '}');
    return buf_error(body);
}

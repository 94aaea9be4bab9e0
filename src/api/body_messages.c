/*
 * What was said, as the lists of messages and texts that requests carry.
 */
#include <string.h>

#include "api/body.h"
#include "base/buf.h"
#include "workload/conversation.h"

static void append_string(struct buf *text, const char *bytes, size_t len)
{
    buf_append_char(text, '"');
    buf_append_json(text, bytes, len);
    buf_append_char(text, '"');
}

/* Its content is a text, or JSON as the scenario wrote it: a list of parts. */
static void append_content(struct buf *text, const struct message *message)
{
    if (message->is_json)
        buf_append(text, message->content, message->len);
    else
        append_string(text, message->content, message->len);
}

static void append_message(struct buf *text, const struct message *message)
{
    static const char *const heads[] = {
        [MESSAGE_SYSTEM] = "{\"role\":\"system\",\"content\":",
        [MESSAGE_USER] = "{\"role\":\"user\",\"content\":",
        [MESSAGE_ASSISTANT] = "{\"role\":\"assistant\",\"content\":",
        [MESSAGE_TOOL] = "{\"role\":\"tool\",\"content\":",
    };

    if (text->len > 0 && text->bytes[text->len - 1] != '[')
        buf_append_char(text, ',');
    buf_append_str(text, heads[message->role]);
    append_content(text, message);
    buf_append_char(text, '}');
}

void body_append_messages(struct buf *text, const struct conversation *conversation,
                          const char *system, bool with_system)
{
    const size_t count = conversation_count(conversation);

    buf_append_char(text, '[');
    if (system)
        append_message(text, &(struct message){.role = MESSAGE_SYSTEM,
                                               .content = system,
                                               .len = strlen(system)});
    for (size_t i = 0; i < count; i++) {
        const struct message message = conversation_at(conversation, i);

        if ((with_system && !system) || message.role != MESSAGE_SYSTEM)
            append_message(text, &message);
    }
    buf_append_char(text, ']');
}

void body_system(struct body *body, const char *key, const char *system,
                 const struct conversation *conversation)
{
    struct message first = {0};

    if (system) {
        body_string(body, key, system);
        return;
    }
    if (conversation_count(conversation) == 0)
        return;
    first = conversation_at(conversation, 0);
    if (first.role == MESSAGE_SYSTEM && body_member(body, key))
        append_content(body->text, &first);
}

/*
 * What the user says in the turn that begins at *at, which moves behind it: of several messages the
 * last, for those before it were answered. Its content is NULL where that is no turn of a user.
 */
static struct message take_said(const struct conversation *conversation, size_t *at)
{
    const size_t count = conversation_count(conversation);
    struct message said = {0};

    do {
        const struct message message = conversation_at(conversation, *at);

        if (message.role == MESSAGE_USER)
            said = message;
        ++*at;
    } while (*at < count && !conversation_begins_turn(conversation, *at));
    return said;
}

void body_append_texts(struct buf *text, const struct conversation *conversation)
{
    const size_t count = conversation_count(conversation);
    const bool many = conversation_turns(conversation) > 1;
    bool first = true;

    if (many)
        buf_append_char(text, '[');
    for (size_t at = 0; at < count;) {
        const struct message said = take_said(conversation, &at);

        if (!said.content)
            continue;
        if (!first)
            buf_append_char(text, ',');
        first = false;
        append_content(text, &said);
    }
    if (many)
        buf_append_char(text, ']');
}

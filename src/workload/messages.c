#include "workload/messages.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/program.h"
#include "workload/conversation.h"

static int role_of(const char *name, enum message_role *ret_role)
{
    static const char *const names[] = {
        [MESSAGE_SYSTEM] = "system",
        [MESSAGE_USER] = "user",
        [MESSAGE_ASSISTANT] = "assistant",
        [MESSAGE_TOOL] = "tool",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (strcmp(names[i], name) == 0) {
            *ret_role = (enum message_role)i;
            return 0;
        }
    }
    return -EINVAL;
}

/* ret_said counts the messages of the turn, which the system's is not one of. */
static int append(struct conversation *conversation, const struct plan_message *message,
                  size_t *ret_said)
{
    struct message said = {.is_json = message->parts,
                           .content = message->content.text,
                           .len = message->content.len};
    int r = role_of(message->role, &said.role);

    if (r < 0)
        return r;
    if (said.role != MESSAGE_SYSTEM) {
        r = conversation_append_message(conversation, &said, *ret_said == 0);
        *ret_said += r == 0;
        return r;
    }
    if (conversation_count(conversation) > 0)
        return 0;
    return conversation_append_message(conversation, &said, false);
}

int messages_append(struct conversation *conversation, const struct plan_chat *chat)
{
    size_t said = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < chat->message_count; i++)
        r = append(conversation, &chat->messages[i], &said);
    if (r < 0 && said > 0)
        conversation_drop_turn(conversation);
    return r == 0 && said == 0 ? -EINVAL : r;
}

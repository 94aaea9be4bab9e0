#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/saying.h"

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

/* Messages of the scenario's own, as one turn. */
static int append(struct saying *saying)
{
    const struct plan_chat *chat = saying->chat;
    int r = 0;

    for (size_t i = 0; r == 0 && i < chat->message_count; i++) {
        const struct plan_message *message = &chat->messages[i];
        struct message said = {.is_json = message->parts,
                               .content = message->content.text,
                               .len = message->content.len};

        r = role_of(message->role, &said.role);
        if (r == 0)
            r = saying_append(saying, &said);
    }
    return r;
}

const struct saying_way saying_messages = {.append = append};

/*
 * Messages that the scenario words itself → one turn of a conversation.
 */
#pragma once

struct conversation;
struct plan_chat;

/*
 * Appends the messages of a chat as one turn. A system message is taken only as the first of a
 * conversation: in a later turn it stands there already. Returns 0; -EINVAL for a role that is none,
 * and where there is nothing but a system message; errors of conversation_append_user.
 */
int messages_append(struct conversation *conversation, const struct plan_chat *chat);

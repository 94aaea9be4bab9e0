/*
 * A conversation: what one user and the server have said so far, as messages (never as one string
 * or as JSON: that is api's craft). Contents lie end to end in one block per user, so that an
 * answer grows in place as it streams in, and an idle user costs its words and little more.
 * It does no I/O and knows neither models nor tokens.
 *
 * A turn is a user message and the answer to it; where the scenario writes messages of its own, all
 * of one request and the answer to them. The messages are always: an optional system message, then
 * turns.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum message_role { MESSAGE_SYSTEM, MESSAGE_USER, MESSAGE_ASSISTANT, MESSAGE_TOOL };

/* One message, borrowed: valid until the conversation changes. Not NUL-terminated. */
struct message {
    enum message_role role;
    bool is_json; /* the content is JSON, a list of parts; else a text */
    const char *content;
    size_t len; /* bytes */
};

/* Where a message ends in the block; it starts where the one before it ends. */
struct conversation_mark {
    uint32_t end;
    uint8_t role; /* enum message_role */
    bool is_json;
    bool begins_turn;
};

/* Embedded in a user. The fields are private; nothing is allocated before the first message. */
struct conversation {
    uint64_t id;
    char *bytes;                     /* owned: the contents end to end */
    struct conversation_mark *marks; /* owned */
    uint32_t len;                    /* bytes in use */
    uint32_t cap;                    /* bytes allocated */
    uint32_t mark_count;
    uint32_t mark_cap;
    uint32_t max_bytes; /* len never passes this */
    uint32_t window;    /* earlier turns kept, 0: all */
    uint32_t forgotten; /* turns that fell out of the window */
};

/*
 * Makes it empty. max_bytes: the most it may hold, at most UINT32_MAX. window: how many turns
 * before the current one are kept beside the system message; 0: all.
 */
void conversation_init(struct conversation *conversation, uint64_t id, size_t max_bytes,
                       uint32_t window);

/* Releases the memory. */
void conversation_deinit(struct conversation *conversation);

/* Forgets all messages and takes a new id; keeps a little memory for the next one. */
void conversation_reset(struct conversation *conversation, uint64_t id);

/*
 * The appenders return 0; -EMSGSIZE when max_bytes would be passed; -ENOMEM. On failure the
 * conversation is as it was.
 */

/* The system message. Only while the conversation is empty. */
int conversation_append_system(struct conversation *conversation, const char *content,
                               size_t len);

/* Starts a turn. Turns that fall out of the window are forgotten first. */
int conversation_append_user(struct conversation *conversation, const char *content,
                             size_t len);

/*
 * A message of the scenario's own, after conversation_append_user's manner: where it begins_turn,
 * or as another one of the turn at hand.
 */
int conversation_append_message(struct conversation *conversation,
                                const struct message *message, bool begins_turn);

/* A piece of the current turn's answer, which the first piece starts. Only within a turn. */
int conversation_append_assistant_delta(struct conversation *conversation,
                                        const char *delta, size_t len);

/* Removes the last turn, questions and answer: it failed. Harmless when there is none. */
void conversation_drop_turn(struct conversation *conversation);

/* How many messages there are. */
size_t conversation_count(const struct conversation *conversation);

/* Message number `index`, which must be below the count. */
struct message conversation_at(const struct conversation *conversation, size_t index);

/* Whether a turn begins with message number `index`, which must be below the count. */
bool conversation_begins_turn(const struct conversation *conversation, size_t index);

/* How many turns are kept, the current one included. */
size_t conversation_turns(const struct conversation *conversation);

/* Which turn the current one is, from 1 since the conversation began; turns dropped do not count. */
uint32_t conversation_turn(const struct conversation *conversation);

/* Bytes of all contents. */
size_t conversation_bytes(const struct conversation *conversation);

/* Bytes allocated, beside the struct itself. */
size_t conversation_memory_bytes(const struct conversation *conversation);

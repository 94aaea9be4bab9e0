/*
 * Sayings: the ways to say something, one for each of enum plan_say. One that makes a text writes it;
 * one that has messages appends them itself.
 */
#pragma once

#include "workload/turn.h"

struct message;

/* A turn that is being made. All borrowed. */
struct saying {
    struct conversation *conversation;
    const struct plan_chat *chat;
    const struct turn_key *key;
    const struct turn_means *means;
    struct turn *turn;
    bool is_begun;   /* a message of the turn was appended */
    uint64_t row;    /* of a dataset, … */
    uint32_t person; /* … and which of its user's messages */
};

/* All return as turn_begin. Of write and append exactly one is there. */
struct saying_way {
    /* Comes to know what will be said, and makes the conversation ready for it; NULL: nothing to do. */
    int (*begin)(struct saying *saying);
    /* Appends what the user says to the scratch, behind a prefix. */
    int (*write)(struct saying *saying, struct buf *out);
    /* Appends the messages of the turn with saying_append. */
    int (*append)(struct saying *saying);
};

extern const struct saying_way saying_question;
extern const struct saying_way saying_prompt;
extern const struct saying_way saying_messages;
extern const struct saying_way saying_dataset;
extern const struct saying_way saying_synthetic;
extern const struct saying_way saying_trace;

/*
 * By which user and index a turn's opening is spelled: an open loop may have more arrivals than there
 * are users to spell, and the rest of their number goes before the index.
 */
struct saying_opener {
    uint64_t user;
    uint64_t index;
};
struct saying_opener saying_opener(const struct turn_key *key);

/*
 * Appends a message, the first of a user behind the prefix that the scratch may hold. A system message
 * is taken only as the first of a conversation: in a later turn it stands there already. Returns 0 or
 * the errors of conversation_append_message.
 */
int saying_append(struct saying *saying, const struct message *message);

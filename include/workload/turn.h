/*
 * A turn: what a user says next, as the plan's chat step wants it: a question of a strategy, a fixed
 * prompt or messages of the scenario's own, appended to the user's conversation.
 */
#pragma once

#include <stdint.h>

struct buf;
struct conversation;
struct plan_chat;

/* Whose turn it is, and which. */
struct turn_key {
    uint64_t seed;
    uint64_t nonce;
    uint64_t organization;
    uint64_t user;  /* ordinal */
    uint64_t index; /* questions of this user so far in the run */
};

/*
 * Starts a turn in the conversation. scratch is overwritten and may be shared by all users. ret_hash
 * gets uniqueness_hash of what the user says, 0 for messages of the scenario's own. Returns 0;
 * -ENOENT when no strategy has the step's name; -EINVAL for messages that are no turn; or the error of
 * question_write or conversation_append_user, and the conversation holds no new turn.
 */
int turn_begin(struct conversation *conversation, const struct plan_chat *chat,
               const struct turn_key *key, struct buf *scratch, uint64_t *ret_hash);

/*
 * A turn: what a user says next, as the plan's step wants it: a question, a prompt, messages of the
 * scenario's own, a row of a dataset or words to a length; appended to the user's conversation. How each
 * is made stands in src/workload/saying_*.c. The same key gives the same words.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct conversation;
struct data;
struct plan;
struct plan_chat;

/* Whose turn it is, and which. */
struct turn_key {
    uint64_t seed;
    uint64_t nonce;
    uint64_t organization;
    uint64_t user;  /* ordinal */
    uint64_t index; /* questions of this user so far in the run */
};

/* Where a user is in a dataset, over the whole run. All zero: nothing was taken. Private. */
struct dataset_place {
    uint64_t takes;        /* rows taken */
    uint64_t row;          /* the latest */
    uint64_t index;        /* of the latest turn */
    uint64_t conversation; /* id of that which the row is asked in */
    uint32_t turn;         /* of the row, which was said last */
};

/* What turns are made with. All borrowed. */
struct turn_means {
    const struct plan *plan;
    const struct data *data; /* may be NULL where the plan has no datasets */
    struct dataset_place
        *places;         /* the user's, one for each dataset of the plan; likewise */
    struct buf *scratch; /* overwritten; may be shared by all users */
};

/* What came of it. */
struct turn {
    uint64_t
        hash; /* uniqueness_hash of what the user says; 0 for messages and rows of them */
    uint64_t prompt_tokens; /* how long it was to be; 0: nobody said */
    uint64_t output_tokens; /* how long the answer is to be; 0: as the step says */
};

/*
 * Starts a turn in the conversation; another attempt at the turn of a key says the same again. A row of a
 * dataset may begin the conversation anew, for it is the next one. Returns 0; -ENODATA when each row is
 * asked once and none is left for this user; -ENOENT when no strategy has the step's name; -EINVAL for
 * messages that are no turn; or the error of question_write or conversation_append_user, and the
 * conversation holds no new turn.
 */
int turn_begin(struct conversation *conversation, const struct plan_chat *chat,
               const struct turn_key *key, const struct turn_means *means,
               struct turn *ret_turn);

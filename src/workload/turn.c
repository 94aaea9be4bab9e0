#include "workload/turn.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "plan/program.h"
#include "workload/conversation.h"
#include "workload/messages.h"
#include "workload/question.h"
#include "workload/uniqueness.h"

/* Puts what the user says into the emptied scratch. */
static int say(const struct plan_chat *chat, const struct turn_key *key,
               struct buf *scratch)
{
    const struct question_source source = {
        .strategy = chat->say == PLAN_SAY_QUESTION
                        ? question_strategy_find(chat->strategy_name)
                        : NULL,
        .seed = key->seed,
        .nonce = key->nonce,
        .organization = key->organization,
    };

    buf_clear(scratch);
    switch (chat->say) {
    case PLAN_SAY_QUESTION:
        if (!source.strategy)
            return -ENOENT;
        return question_write(&source, key->user, key->index, scratch);
    case PLAN_SAY_PROMPT:
        return buf_append(scratch, chat->prompt.text, chat->prompt.len);
    case PLAN_SAY_MESSAGES: /* not one text: turn_begin() says them */
    case PLAN_SAY_DATASET:
    case PLAN_SAY_SYNTHETIC:
        return -EINVAL;
    }
    return -EINVAL;
}

int turn_begin(struct conversation *conversation, const struct plan_chat *chat,
               const struct turn_key *key, struct buf *scratch, uint64_t *ret_hash)
{
    int r;

    *ret_hash = 0;
    if (chat->say == PLAN_SAY_MESSAGES)
        return messages_append(conversation, chat);
    r = say(chat, key, scratch);
    if (r < 0)
        return r;
    r = conversation_append_user(conversation, scratch->bytes, scratch->len);
    if (r < 0)
        return r;
    *ret_hash = uniqueness_hash(scratch->bytes, scratch->len);
    return 0;
}

#include <assert.h>
#include <errno.h>

#include "plan/plan.h"
#include "workload/question.h"
#include "workload/saying.h"

static int write_question(struct saying *saying, struct buf *out)
{
    const struct turn_key *key = saying->key;
    const struct plan_chat *chat = saying->chat;
    const struct plan *plan = saying->means->plan;
    struct question_source source = {
        .seed = key->seed, .nonce = key->nonce, .organization = key->organization};
    const struct saying_opener opener = saying_opener(key);

    if (!chat->strategy_name) {
        assert(chat->questions < plan->question_count);
        return question_write_own(&source, &plan->questions[chat->questions], opener.user,
                                  opener.index, out);
    }
    source.strategy = question_strategy_find(chat->strategy_name);
    return source.strategy ? question_write(&source, opener.user, opener.index, out)
                           : -ENOENT;
}

const struct saying_way saying_question = {.write = write_question};

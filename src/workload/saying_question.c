#include <assert.h>
#include <errno.h>

#include "base/buf.h"
#include "base/rng.h"
#include "expr/template.h"
#include "plan/plan.h"
#include "workload/question.h"
#include "workload/saying.h"

/* A question of the scenario's own while it is written. */
struct wording {
    const struct plan_questions *questions;
    struct rng rng;
};

/* A name in its templates is one of its lists: any word of that. */
static int write_word(void *ctx, uint32_t ref, struct buf *out, bool *ret_json)
{
    struct wording *wording = ctx;
    const struct plan_word_list *list = &wording->questions->lists[ref];

    *ret_json = false;
    return buf_append_str(out, list->words[rng_below(&wording->rng, list->count)]);
}

static int write_own(const struct question_source *source, const struct turn_key *key,
                     const struct plan_questions *questions, struct buf *out)
{
    struct wording wording = {.questions = questions};
    const struct template_scope scope = {
        .write_name = write_word, .ctx = &wording, .rng = &wording.rng};
    const struct plan_text *text;
    uint32_t unset;
    int r = question_open(source, key->user, key->index, out);

    if (r < 0)
        return r;
    rng_init(&wording.rng, key->seed ^ rng_mix(key->organization), key->user, key->index,
             RNG_QUESTION);
    text = &questions->templates[rng_below(&wording.rng, questions->template_count)];
    return text->template ? template_render(text->template, &scope, out, &unset)
                          : buf_append(out, text->text, text->len);
}

static int write_question(struct saying *saying, struct buf *out)
{
    const struct turn_key *key = saying->key;
    const struct plan_chat *chat = saying->chat;
    const struct plan *plan = saying->means->plan;
    struct question_source source = {
        .seed = key->seed, .nonce = key->nonce, .organization = key->organization};

    if (!chat->strategy_name) {
        assert(chat->questions < plan->question_count);
        return write_own(&source, key, &plan->questions[chat->questions], out);
    }
    source.strategy = question_strategy_find(chat->strategy_name);
    return source.strategy ? question_write(&source, key->user, key->index, out)
                           : -ENOENT;
}

const struct saying_way saying_question = {.write = write_question};

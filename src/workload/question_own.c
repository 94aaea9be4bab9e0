#include "base/buf.h"
#include "base/rng.h"
#include "expr/template.h"
#include "plan/data.h"
#include "workload/question.h"

/* A question while it is worded. */
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

int question_write_own(const struct question_source *source,
                       const struct plan_questions *questions, uint64_t user,
                       uint64_t index, struct buf *out)
{
    struct wording wording = {.questions = questions};
    const struct template_scope scope = {
        .write_name = write_word, .ctx = &wording, .rng = &wording.rng};
    const struct plan_text *text;
    uint32_t unset;
    int r = question_open(source, user, index, out);

    if (r < 0)
        return r;
    rng_init(&wording.rng, source->seed ^ rng_mix(source->organization), user, index,
             RNG_QUESTION);
    text = &questions->templates[rng_below(&wording.rng, questions->template_count)];
    return text->template ? template_render(text->template, &scope, out, &unset)
                          : buf_append(out, text->text, text->len);
}

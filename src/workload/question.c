#include "workload/question.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/rng.h"
#include "workload/opening.h"
#include "workload/question_pen.h"
#include "workload/question_strategies.h"
#include "workload/uniqueness.h"

/* Separates the nonces of runs from those of seeds. */
#define NONCE_OF_SEED UINT64_C(0x7468726f6e673a31)

static void mixed_write(struct question_pen *pen);

static const struct question_strategy strategies[] = {
    {"historical", "events, people and daily life of the past", historical_write},
    {"mathematical", "exercises with numbers of their own, and proofs",
     mathematical_write},
    {"geographical", "places, climates, borders and journeys", geographical_write},
    {"hypothetical", "what would happen if", hypothetical_write},
    {"technical", "design, faults and choices of software systems", technical_write},
    {"mixed", "any of the others, with equal chances", mixed_write},
};

/* The last one is the mixture of those before it. */
#define PURE_STRATEGIES ((uint32_t)COUNT_OF(strategies) - 1)

static void mixed_write(struct question_pen *pen)
{
    strategies[question_pen_below(pen, PURE_STRATEGIES)].write(pen);
}

static const struct phrase verb_phrases[] = {
    PHRASE(", asks: "),
    PHRASE(", writes: "),
    PHRASE(", needs help with this: "),
    PHRASE(", is preparing a talk and asks: "),
    PHRASE(", asks on behalf of a friend: "),
    PHRASE(", wrote in today: "),
    PHRASE(", sends this: "),
    PHRASE(", has been asked this at work: "),
    PHRASE(", would like an answer to this: "),
    PHRASE(", comes to you with this: "),
    PHRASE(", asks you: "),
    PHRASE(", is stuck on this: "),
    PHRASE(", could not settle this with a colleague: "),
    PHRASE(", has this on their desk: "),
    PHRASE(", read about this and asks: "),
};
static const struct phrase_table verbs = PHRASES(verb_phrases);

/* Begins with who asks. Returns 0; -ERANGE; the buffer's error. */
static int open_question(const struct question_source *source, uint64_t user,
                         uint64_t index, struct buf *out, struct question_pen *ret_pen)
{
    int r;

    if (user >= QUESTION_MAX_USERS || index >= QUESTION_MAX_INDEX)
        return -ERANGE;
    r = buf_reserve(out, QUESTION_MAX_BYTES);
    if (r < 0)
        return r;

    *ret_pen = (struct question_pen){0};
    rng_init(&ret_pen->rng, source->seed ^ rng_mix(source->organization), user, index,
             RNG_QUESTION);
    ret_pen->end = out->bytes + out->len + QUESTION_MAX_BYTES;
    ret_pen->at = opening_write(out->bytes + out->len, source->nonce, user, index);
    question_pen_word(ret_pen, &verbs);
    return 0;
}

static void close_question(const struct question_pen *pen, struct buf *out)
{
    out->len = (size_t)(pen->at - out->bytes);
    out->bytes[out->len] = '\0';
}

int question_write(const struct question_source *source, uint64_t user, uint64_t index,
                   struct buf *out)
{
    struct question_pen pen;
    const int r = open_question(source, user, index, out, &pen);

    if (r < 0)
        return r;
    source->strategy->write(&pen);
    close_question(&pen, out);
    return 0;
}

int question_open(const struct question_source *source, uint64_t user, uint64_t index,
                  struct buf *out)
{
    struct question_pen pen;
    const int r = open_question(source, user, index, out, &pen);

    if (r == 0)
        close_question(&pen, out);
    return r;
}

const struct question_strategy *question_strategy_at(size_t index)
{
    return index < COUNT_OF(strategies) ? &strategies[index] : NULL;
}

const struct question_strategy *question_strategy_find(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(strategies); i++) {
        if (strcmp(strategies[i].name, name) == 0)
            return &strategies[i];
    }
    return NULL;
}

uint64_t question_nonce_of_run(const char *run_id)
{
    return uniqueness_hash(run_id, strlen(run_id));
}

uint64_t question_nonce_of_seed(uint64_t seed)
{
    return rng_mix(seed ^ NONCE_OF_SEED);
}

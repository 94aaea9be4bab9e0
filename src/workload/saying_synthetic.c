#include <errno.h>

#include "base/buf.h"
#include "base/rng.h"
#include "plan/program.h"
#include "workload/length.h"
#include "workload/opening.h"
#include "workload/question.h"
#include "workload/saying.h"
#include "workload/words.h"

/*
 * The lengths are the seed's, so that two runs of one scenario ask for the same work; the words are the
 * run's, so that no cache knows them.
 */
static int write_words(struct saying *saying, struct buf *out)
{
    const struct turn_key *key = saying->key;
    const struct plan_synthetic *synthetic = &saying->chat->synthetic;
    const struct saying_opener opener = saying_opener(key);
    struct turn *turn = saying->turn;
    struct rng rng;
    uint64_t words;

    if (opener.user >= QUESTION_MAX_USERS || opener.index >= QUESTION_MAX_INDEX)
        return -ERANGE;
    rng_init(&rng, key->seed, opener.user, opener.index, RNG_LENGTH);
    words = length_draw(&synthetic->input, &rng);
    turn->prompt_tokens = words + (out->len > 0 ? saying->chat->prefix.tokens : 0);
    turn->output_tokens = length_draw(&synthetic->output, &rng);
    rng_init(&rng, key->nonce, opener.user, opener.index, RNG_WORDS);
    return words_append(words, opening_code(key->nonce, opener.user, opener.index), &rng,
                        out);
}

const struct saying_way saying_synthetic = {.write = write_words};

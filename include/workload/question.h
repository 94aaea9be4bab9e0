/*
 * Questions: (strategy, seed, organization, user, index) → one English question, without end and
 * without repetition. Pure: the same key gives the same bytes.
 *
 * Each question opens with the person who asks it: "Clara Josephine Winterbourne, 43, a surveyor
 * from Northwick, asks: …". These at most eight words are a spelling of (user, index), scrambled by
 * the run's nonce with a bijection: so no two questions of a run ever share an opening, and what
 * one run sent is in no cache when the next one asks. The question behind it depends on the seed
 * and not on the nonce, so that two runs of one seed ask the same things under other names.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;
struct plan_questions;
struct question_pen;

/* A way to ask. */
struct question_strategy {
    const char *name;                        /* as scenarios spell it: "historical" */
    const char *help;                        /* half a sentence for people */
    void (*write)(struct question_pen *pen); /* what follows the opening */
};

/* Where the questions of one organization come from. Plain data, copied freely. */
struct question_source {
    const struct question_strategy *strategy;
    uint64_t seed;
    uint64_t nonce;        /* question_nonce_of_run or question_nonce_of_seed */
    uint64_t organization; /* index of the organization, any value where there is none */
};

/* No question is longer. */
#define QUESTION_MAX_BYTES 640

/* Ordinals and indexes of these many bits have distinct openings. */
#define QUESTION_USER_BITS 23
#define QUESTION_INDEX_BITS 32
#define QUESTION_MAX_USERS (UINT64_C(1) << QUESTION_USER_BITS)
#define QUESTION_MAX_INDEX (UINT64_C(1) << QUESTION_INDEX_BITS)

/*
 * Appends one question, without a newline. user: the ordinal within the run (over all
 * organizations). index: the user's count of questions so far. Allocates nothing once the buffer
 * has room for QUESTION_MAX_BYTES.
 * Returns 0; -ERANGE past QUESTION_MAX_USERS or QUESTION_MAX_INDEX; or the buffer's error.
 */
int question_write(const struct question_source *source, uint64_t user, uint64_t index,
                   struct buf *out);

/*
 * Appends only how a question opens, with who asks: "Clara Josephine Winterbourne, 43, a surveyor from
 * Northwick, asks: ". For questions that others word. The source needs no strategy. Returns as
 * question_write.
 */
int question_open(const struct question_source *source, uint64_t user, uint64_t index,
                  struct buf *out);

/*
 * Appends a question that the scenario words: the opening, then one of its templates with words of its
 * lists. The source needs no strategy. Returns as question_write, or the errors of template_render.
 */
int question_write_own(const struct question_source *source,
                       const struct plan_questions *questions, uint64_t user,
                       uint64_t index, struct buf *out);

/* The strategies, in the order of the manual; NULL from the end on. */
const struct question_strategy *question_strategy_at(size_t index);

/* The strategy of a name, or NULL. */
const struct question_strategy *question_strategy_find(const char *name);

/* Each run its own questions, so that no cache remembers them. */
uint64_t question_nonce_of_run(const char *run_id);

/* `unique_over: seed`: runs of one seed send the same bytes. */
uint64_t question_nonce_of_seed(uint64_t seed);

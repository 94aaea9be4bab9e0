/* The words of an answer, as they go out chunk by chunk, and all of them again. */
#include <math.h>

#include "simulator/generation.h"
#include "simulator/lexicon.h"

#define SLIVER 1e-9

/* Of each choice. */
static uint64_t choice_tokens(const struct generation *generation)
{
    return generation->content_tokens / generation->choices;
}

/* Which choice the next words belong to. */
static uint64_t choice_of_next(const struct generation *generation)
{
    return (generation->content_tokens - generation->content_left) /
           choice_tokens(generation);
}

/*
 * The chunks that so many tokens are. Chunk k holds the tokens from floor(k·each) to
 * floor((k + 1)·each), so that as many are in each on average; a sliver makes up for fractions that a
 * double cannot tell.
 */
static uint64_t chunks_of(const struct generation *generation, uint64_t tokens)
{
    return (uint64_t)ceil((double)tokens / generation->options->tokens_per_chunk -
                          SLIVER);
}

/* The tokens of the first chunks, so many. */
static uint64_t tokens_of(const struct generation *generation, uint64_t chunks)
{
    return (uint64_t)((double)chunks * generation->options->tokens_per_chunk + SLIVER);
}

uint64_t generation_chunk_count(const struct generation *generation)
{
    return chunks_of(generation, generation->reasoning_tokens) +
           generation->choices * chunks_of(generation, choice_tokens(generation));
}

/* Appends count words; the first of a run has no space before it. */
static void say(struct rng *lexicon, uint64_t count, bool is_first, struct buf *out)
{
    for (uint64_t i = 0; i < count; i++) {
        if (i > 0 || !is_first)
            buf_append_char(out, ' ');
        buf_append_str(out, lexicon_draw(lexicon));
    }
}

/* What is left of the choice that the next words belong to: all choices behind it are whole. */
static uint64_t left_of_choice(const struct generation *generation)
{
    const uint64_t whole = choice_tokens(generation);
    const uint64_t rest = generation->content_left % whole;

    return rest > 0 ? rest : whole;
}

uint64_t generation_take_words(struct generation *generation,
                               struct generation_event *ret_event, struct buf *out)
{
    const bool is_reasoning = generation->reasoning_left > 0;
    const bool has_choices = !is_reasoning && generation->choices > 1;
    uint64_t *left =
        is_reasoning ? &generation->reasoning_left : &generation->content_left;
    const uint64_t ahead = has_choices ? left_of_choice(generation) : *left;
    const uint64_t whole = is_reasoning  ? generation->reasoning_tokens
                           : has_choices ? choice_tokens(generation)
                                         : generation->content_tokens;
    const uint64_t said = whole - ahead;
    const uint64_t most = tokens_of(generation, chunks_of(generation, said) + 1) - said;
    const uint64_t count = ahead < most ? ahead : most;

    *ret_event = (struct generation_event){
        .kind = is_reasoning ? TRUTH_REASONING : TRUTH_CONTENT,
        .text = "",
        .choice = has_choices ? choice_of_next(generation) : 0,
        .is_first = ahead == whole,
        .is_last = count == ahead,
    };
    say(&generation->lexicon, count, ret_event->is_first, out);
    *left -= count;
    return count;
}

/* The lexicon as it was after so many words. */
static struct rng lexicon_after(const struct generation *generation, uint64_t words)
{
    struct rng lexicon = generation->retold;

    for (uint64_t i = 0; i < words; i++)
        (void)lexicon_draw(&lexicon);
    return lexicon;
}

void generation_retell_reasoning(const struct generation *generation, struct buf *out)
{
    struct rng lexicon = generation->retold;

    say(&lexicon, generation->reasoning_tokens, true, out);
}

void generation_retell_choice(const struct generation *generation, uint64_t choice,
                              struct buf *out)
{
    const uint64_t each = choice_tokens(generation);
    struct rng lexicon =
        lexicon_after(generation, generation->reasoning_tokens + choice * each);

    say(&lexicon, each, true, out);
}

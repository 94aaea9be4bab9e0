/*
 * Money: usage × price → pico-dollars. Pure and saturating: absurd counts (a server may claim any)
 * cost INT64_MAX, and never wrap.
 */
#pragma once

#include <stdint.h>

struct plan_model;

/* As many an answer is taken to have where nobody bounds it, and none was seen yet. */
#define COST_ANSWER_TOKENS 200

/*
 * What an attempt cost: uncached prompt tokens at the prompt's price, cached at theirs, reasoning
 * at its own, the rest of the completion at the completion's. cached counts at most as the whole
 * prompt, reasoning as the whole completion.
 */
int64_t cost_of(const struct plan_model *model, uint64_t prompt_tokens,
                uint64_t cached_tokens, uint64_t completion_tokens,
                uint64_t reasoning_tokens);

/* a + b, at most INT64_MAX. */
int64_t cost_sum(int64_t a, int64_t b);

/*
 * What `wanted` of something cost, where `had` of it cost pusd: rounded to the nearest pico-dollar,
 * halves up; at most INT64_MAX. 0 where had is 0. pusd: not below 0.
 */
int64_t cost_share(int64_t pusd, uint64_t wanted, uint64_t had);

/*
 * The most that a request can cost, to be reserved before it is sent: no byte-level tokenizer
 * gives more tokens than bytes, and no chat template seen needs more than 16 tokens a message.
 * message_bytes: of all messages' text. max_tokens 0: the answer has no limit, and only the prompt
 * is in the figure.
 */
int64_t cost_worst(const struct plan_model *model, uint64_t message_bytes,
                   uint64_t message_count, uint64_t max_tokens);

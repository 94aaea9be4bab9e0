/*
 * What a request says to a model → how many tokens that is, by an estimate (simulator/simulator.h),
 * and a hash that the words of the answer depend on. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct prompt {
    uint64_t tokens;
    uint64_t hash;
};

/* Nothing said yet. */
void prompt_init(struct prompt *prompt);

/* Adds text alone: a quarter of its bytes in tokens, rounded up. */
void prompt_add_text(struct prompt *prompt, const char *text, size_t len);

/* Adds token ids: an array of integers. Returns 0; -EINVAL for anything else. */
int prompt_add_token_ids(struct prompt *prompt, const json_t *ids);

/*
 * Adds a message: 3 tokens, its text and 85 for each image. content: a string, null (or NULL), or
 * an array of typed parts. Returns 0; -EINVAL for anything else.
 */
int prompt_add_message(struct prompt *prompt, const char *role, const json_t *content);

/*
 * The dialects there are, one file each, and what those of OpenAI have in common.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "api/answer.h"
#include "api/dialect.h"

struct body;

extern const struct api_dialect dialect_openai_chat;
extern const struct api_dialect dialect_openai_completions;
extern const struct api_dialect dialect_openai_responses;
extern const struct api_dialect dialect_openai_embeddings;
extern const struct api_dialect dialect_anthropic_messages;
extern const struct api_dialect dialect_mcp;

/* stream, and stream_options where usage is asked for. */
void openai_write_stream(struct body *body, const struct api_ask *ask);

/*
 * min_tokens and ignore_eos, which vLLM, SGLang and TGI know beside OpenAI's own, where the length of the
 * answer is set.
 */
void openai_write_exact(struct body *body, const struct api_ask *ask);

/* As api_dialect.read_event and read_body, of chats and completions. */
enum api_kind openai_read_event(struct api_reader *reader, enum answer_of of,
                                const char *data, size_t len, uint32_t *ret_output);
enum api_kind openai_read_object(struct api_reader *reader, enum answer_of of,
                                 const char *text, size_t len, uint32_t *ret_output);

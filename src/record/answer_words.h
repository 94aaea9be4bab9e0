/*
 * The few words of the platforms' answers that a recording looks for: where usage stands, and where text
 * does. A cheap scan of JSON text by name; what it does not find is 0, and no error. Pure.
 *
 * Sources: OpenAI's API reference (chat completions, completions, responses, embeddings) and Anthropic's
 * (messages), the names of the members "usage" and of the deltas.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the last member "usage" of a text, which may begin and end anywhere. Counts that it has replace
 * those given. Tokens read from a cache and written to it, which Anthropic counts beside the others, are
 * added to the prompt's.
 */
void answer_words_usage(const char *text, size_t len, uint64_t *prompt_tokens,
                        uint64_t *completion_tokens);

/* Whether an event brings text: of the answer, of reasoning or of a tool's call. */
bool answer_words_output(const char *text, size_t len);

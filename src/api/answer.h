/*
 * What an object of OpenAI's chats and completions tells: a chunk of a stream ("delta") or a whole
 * answer ("message"), as its API reference defines them under "Chat" and as vLLM, SGLang,
 * llama.cpp, TGI and LiteLLM extend them (reasoning, reasoning_content, error objects mid-stream).
 * Read twice over: by a scanner that allocates nothing and knows when it is not sure, and by
 * jansson where it is not.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/dialect.h"
#include "base/json_scan.h"

/* What the object is an answer to. */
enum answer_of {
    ANSWER_OF_CHAT,
    ANSWER_OF_COMPLETION, /* its choices have `text` */
};

/* What one object told, beside what went into the reader. */
struct answer {
    uint32_t output; /* bits of enum api_output */
    bool choice;     /* it has one, of whatever content */
    bool error;      /* it is an error object */
    bool tool_error; /* it is a tool's, and says that the tool failed */
};

/* What that makes of an event. */
enum api_kind answer_kind(const struct answer *answer, uint32_t *ret_output);

/* Whether an event is [DONE]. */
bool answer_is_done_mark(const char *data, size_t len);

/*
 * Keeps the shape of an event of which nothing is new but this text in it, or forgets the one
 * before where the event is too long.
 */
void answer_shape_keep(struct api_shape *shape, const char *text, size_t len,
                       struct json_piece piece, uint32_t output);

/*
 * Reads an event that is the one kept with another text, which is not empty: then it tells the
 * same, as JSON says no more about a string than where it ends. Returns false for all others, and
 * nothing was changed.
 */
bool answer_shape_read(struct api_reader *reader, const char *text, size_t len,
                       struct answer *ret_answer);

/*
 * Reads by scanning. Returns false when it is not sure: then nothing was changed, and answer_tree()
 * must look.
 */
bool answer_scan(struct api_reader *reader, enum answer_of of, const char *text,
                 size_t len, struct answer *ret_answer);

/* Reads with a full parser. Returns false when the text is not an object of this API. */
bool answer_tree(struct api_reader *reader, enum answer_of of, const char *text,
                 size_t len, struct answer *ret_answer);

/*
 * Appends a JSON string's content, escapes undone, to the reader's answer. Lone surrogates and
 * bytes that are not UTF-8 become U+FFFD, and the event is counted in invalid_text.
 */
void answer_append_piece(struct api_reader *reader, struct json_piece piece);

/* Likewise, for text without escapes. */
void answer_append_text(struct api_reader *reader, const char *text, size_t len);

/* Notes the answer's id, or that it is not the one of the objects before. Empty ids say nothing. */
void answer_note_id(struct api_reader *reader, const char *id, size_t len);

/* Notes a finish reason. An empty one says nothing. */
void answer_note_finish(struct api_reader *reader, const char *word, size_t len);

/* Notes the server's error message: cut, control characters replaced. */
void answer_note_error(struct api_reader *reader, const char *message, size_t len);

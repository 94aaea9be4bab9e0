/*
 * JSON that says of what type it is, as the events of Anthropic's messages and of OpenAI's responses
 * do: each dialect has a table of the types it knows. Scanned in place; where the scan is not sure,
 * the text is parsed, written anew without any oddity, and scanned again.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/answer.h"
#include "api/reader.h"
#include "base/json_scan.h"

/* What may stand in an event: those that are missing or null are NULL at `at`. */
struct event {
    struct api_reader *reader;
    struct json_scan type;
    struct json_scan delta;
    struct json_scan usage;
    struct json_scan error;
    struct json_scan block;    /* Anthropic's content_block */
    struct json_scan message;  /* Anthropic's message_start; OpenAI's error */
    struct json_scan response; /* OpenAI's, as far as it has come */
    struct json_scan item;     /* OpenAI's, of its output */
    struct json_piece
        text; /* set by read: the one text that is all the event's news; empty: none */
    struct answer answer; /* set by read */
};

/* A type of event. */
struct event_type {
    const char *name;
    /* Takes what it tells. Returns false when its members are not what the type has. */
    bool (*read)(struct event *event);
};

/* Reads one event, as api_dialect.read_event. Types that are not listed say nothing. */
enum api_kind event_read(struct api_reader *reader, const struct event_type *types,
                         size_t type_count, const char *data, size_t len,
                         uint32_t *ret_output);

/* Takes what a whole body tells. Returns false when it is not sure. */
typedef bool body_scan_fn(struct api_reader *reader, const char *text, size_t len,
                          struct answer *ret_answer);

/* Reads a whole body, as api_dialect.read_body. */
enum api_kind event_read_body(struct api_reader *reader, body_scan_fn *scan,
                              const char *text, size_t len, uint32_t *ret_output);

/*
 * Takes the text at `value` as this kind of output; an empty one, and none, is no output. ret_piece
 * may be NULL. Returns false when it is no text.
 */
bool event_take_text(struct api_reader *reader, struct json_scan value,
                     enum api_output output, struct json_piece *ret_piece,
                     struct answer *answer);

/* Keeps what an error says: an object with a message, or a bare string. */
void event_note_error(struct api_reader *reader, struct json_scan value);

/* Takes an error likewise. */
void event_take_error(struct api_reader *reader, struct json_scan value,
                      struct answer *answer);

/* Takes the answer's id from its text at `value`. */
void event_take_id(struct api_reader *reader, struct json_scan value);

/* Takes a finish reason from its text at `value`. */
void event_take_finish(struct api_reader *reader, struct json_scan value);

/* Whether the value is this text. */
bool event_is(struct json_scan value, const char *word);

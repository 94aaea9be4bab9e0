/*
 * The reading of one response: what its events, or its body, told so far. Plain memory, embedded in
 * the attempt; a dialect (api/dialect.h) writes it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct conversation;

/* What the server says it counted. */
struct api_usage {
    bool present;
    uint64_t prompt_tokens;
    uint64_t cached_tokens; /* part of prompt_tokens */
    uint64_t completion_tokens;
    uint64_t reasoning_tokens; /* part of completion_tokens */
    uint64_t total_tokens;
    bool total_told;
    bool prompt_only; /* the API counts no completion: nothing is generated */
};

/* What one event (or one whole body) told. */
enum api_kind {
    API_NOTHING,    /* no output: role only, empty, ping, usage alone */
    API_OUTPUT,     /* carries content, reasoning or a tool call */
    API_DONE,       /* the dialect's end of stream: [DONE], message_stop */
    API_ERROR,      /* an error object where a chunk should be */
    API_TOOL_ERROR, /* a tool's answer (MCP) that says that the tool failed */
    API_MALFORMED,  /* not what the dialect allows */
};

/* Kinds of output that may stand in one event. */
enum api_output {
    API_OUTPUT_CONTENT = 1 << 0,
    API_OUTPUT_REASONING = 1 << 1,
    API_OUTPUT_TOOL_CALL = 1 << 2,
};

/* Why an answer ended, as its API says it. */
enum api_finish {
    API_FINISH_NONE, /* nothing was said */
    API_FINISH_OTHER,
    API_FINISH_STOP,
    API_FINISH_LENGTH,
    API_FINISH_TOOL_CALLS,
    API_FINISH_FUNCTION_CALL,
    API_FINISH_CONTENT_FILTER,
    API_FINISH_END_TURN,
    API_FINISH_MAX_TOKENS,
    API_FINISH_STOP_SEQUENCE,
    API_FINISH_TOOL_USE,
    API_FINISH_PAUSE_TURN,
    API_FINISH_REFUSAL,
    API_FINISH_COMPLETED,
    API_FINISH_INCOMPLETE,
};

/* "stop"; "" for none, "other" for a word that is not known. */
const char *api_finish_word(enum api_finish finish);

/* Where an event is longer, it is read anew each time. */
#define API_SHAPE_BYTES 384

/*
 * The last event whose only news was one text: what stood before the text and behind it. As a rule
 * the next event is the same but for its text.
 */
struct api_shape {
    uint16_t head_len; /* 0: there is none */
    uint16_t tail_len;
    uint32_t output; /* what the text was: one bit of enum api_output */
    bool other_id;   /* its id was not the answer's */
    char bytes
        [API_SHAPE_BYTES]; /* the head with the opening quote, the tail with the closing */
};

/* All zero but for the first four members, which the caller sets before the first event. */
struct api_reader {
    /*
     * Where answer content is appended, decoded; NULL: nowhere. Reasoning is never sent back, and
     * so never appended.
     */
    struct conversation *answer;
    struct buf *text;     /* likewise, for who looks at the answer; NULL: nobody does */
    uint64_t call_id;     /* of MCP: the request's, which its response carries */
    uint32_t texts_asked; /* of embeddings: so many vectors are a whole answer */

    struct api_usage usage; /* the latest told */
    uint64_t
        prompt_ns; /* what reading the prompt took the server, as it says; 0: it does not */
    bool finished;       /* a finish reason was seen, or what stands for one */
    uint8_t finish;      /* which: enum api_finish */
    bool done;           /* the end-of-stream mark was seen */
    uint32_t after_done; /* events after it */
    uint32_t choices;    /* events with a choice, even one that says nothing (OpenAI's) */
    uint32_t
        invalid_text; /* events with lone surrogates, NUL or broken UTF-8 in their strings */
    uint32_t slow_events; /* events that the scanner gave to the full JSON parser */
    uint32_t lost_deltas; /* pieces of the answer that `answer` had no room for */
    uint64_t id_hash;     /* of the answer's id, as the first object that has one says */
    bool has_id;          /* there was one */
    uint32_t other_ids;   /* objects behind it with another id */
    char error[200];      /* the server's error message, cut, printable; "" without one */
    struct api_shape shape;
};

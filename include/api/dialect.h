/*
 * Dialects: what throng says to an LLM API and how it understands the answer. A dialect turns a
 * chat into request bytes, and response events into deltas, usage and errors. Pure: no sockets, no
 * clock; whoever calls it knows when the bytes came.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct conversation;

/* What to ask. All borrowed for the call. */
struct api_chat {
    const char *model;
    const char *system; /* the system message, before all others; NULL: none */
    const struct conversation *conversation; /* its messages are sent, oldest first */
    bool stream;
    bool include_usage;
    uint64_t max_tokens;            /* 0: not sent */
    uint64_t max_completion_tokens; /* 0: not sent */
    double temperature;             /* NAN: not sent */
    const char *extra_body;         /* JSON object text merged last; NULL: none */
};

/* What the server says it counted. */
struct api_usage {
    bool present;
    uint64_t prompt_tokens;
    uint64_t cached_tokens; /* part of prompt_tokens */
    uint64_t completion_tokens;
    uint64_t reasoning_tokens; /* part of completion_tokens */
    uint64_t total_tokens;
    bool total_told;
};

/* What one event (or one whole body) told. */
enum api_kind {
    API_NOTHING,   /* no output: role only, empty, ping, usage alone */
    API_OUTPUT,    /* carries content, reasoning or a tool call */
    API_DONE,      /* the dialect's end of stream: [DONE] */
    API_ERROR,     /* an error object where a chunk should be */
    API_MALFORMED, /* not what the dialect allows */
};

/* Kinds of output that may stand in one event. */
enum api_output {
    API_OUTPUT_CONTENT = 1 << 0,
    API_OUTPUT_REASONING = 1 << 1,
    API_OUTPUT_TOOL_CALL = 1 << 2,
};

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

/*
 * The reading of one response, embedded in the attempt. Set to zero by dialect->begin; text is
 * collected only when the caller gives a buffer.
 */
struct api_reader {
    /*
     * Where answer content is appended, decoded; NULL: nowhere. Reasoning is never sent back, and
     * so never appended.
     */
    struct conversation *answer;
    struct api_usage usage; /* the latest told */
    uint64_t
        prompt_ns; /* what reading the prompt took the server, as it says; 0: it does not */
    bool finished;       /* a finish reason was seen */
    bool done;           /* the end-of-stream mark was seen */
    uint32_t after_done; /* events after it */
    uint32_t
        invalid_text; /* events with lone surrogates, NUL or broken UTF-8 in their strings */
    uint32_t slow_events; /* events that the scanner gave to the full JSON parser */
    uint32_t lost_deltas; /* pieces of the answer that `answer` had no room for */
    /* The answer's id, as the first object that has one says: so many bytes of it. */
    char id[64];
    uint32_t id_len;    /* bytes of the whole id; 0: none was told */
    uint32_t other_ids; /* objects behind it with another id */
    char error[200];    /* the server's error message, cut, printable; "" without one */
    struct api_shape shape;
};

struct api_dialect {
    const char *name;      /* "openai" */
    const char *chat_path; /* behind the target's api_prefix: "/chat/completions" */

    /*
     * Appends the request body. A key of extra_body replaces the same key of ours. Returns 0;
     * -EINVAL when extra_body is no JSON object; errors of buf.
     */
    int (*write_chat)(const struct api_chat *chat, struct buf *body);

    /* Starts reading a response; answer may be NULL. */
    void (*begin)(struct api_reader *reader, struct conversation *answer);

    /*
     * Reads one event of a stream. data is NUL-terminated at len. ret_output (bits of
     * enum api_output) is written for API_OUTPUT. Allocates nothing on the usual forms.
     */
    enum api_kind (*read_event)(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output);

    /* Reads a whole body that is not a stream. As read_event. */
    enum api_kind (*read_body)(struct api_reader *reader, const char *body, size_t len,
                               uint32_t *ret_output);
};

/* The OpenAI chat-completions dialect (and what vLLM, SGLang, llama.cpp, TGI, LiteLLM make of it). */
const struct api_dialect *api_openai(void);

/*
 * Tokens a text has, roughly, where the server tells no usage: bytes / 4, at least 1 for any text
 * (OpenAI's own rule of thumb for English). Marked as an estimate wherever it shows.
 */
uint64_t api_estimate_tokens(size_t bytes);

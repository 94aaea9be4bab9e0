/*
 * Dialects: what throng says to an API and how it understands the answer. A dialect turns what is
 * asked into request bytes, and response events into deltas, usage and errors. Pure: no sockets, no
 * clock; whoever calls it knows when the bytes came.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/reader.h"
#include "plan/plan.h"

struct buf;
struct conversation;

/* What to ask a model. All borrowed for the call. */
struct api_ask {
    const char *model;
    const char
        *system; /* the system message, in place of the conversation's; NULL: none */
    /*
     * What is said: of chats and responses all messages, oldest first; of completions and embeddings
     * the user's last one of each turn, as one text or a list of them.
     */
    const struct conversation *conversation;
    bool stream;
    bool include_usage;
    uint64_t max_tokens;            /* 0: not sent */
    uint64_t max_completion_tokens; /* 0: not sent */
    uint64_t
        exact_tokens; /* an answer just so long is asked for, where servers know how; 0: not */
    double temperature;     /* NAN: not sent */
    const char *extra_body; /* JSON object text merged last; NULL: none */
};

/* A call of the Model Context Protocol. Borrowed likewise. */
struct api_mcp_call {
    const char *method;
    const char *params; /* JSON; NULL: none */
    uint64_t id;        /* unique in its session */
    bool notification;  /* is sent without the id */
};

/* Where the key goes. */
enum api_auth {
    API_AUTH_BEARER,    /* Authorization: Bearer KEY */
    API_AUTH_X_API_KEY, /* X-Api-Key: KEY */
};

struct api_auth_words {
    const char *header;
    const char *scheme; /* stands before the key */
};

/* How a key is sent. */
struct api_auth_words api_auth_words_of(enum api_auth auth);

struct api_dialect {
    const char *name; /* "openai chat" */
    const char
        *path; /* behind the target's api_prefix: "/chat/completions"; NULL: the step's */
    enum api_auth auth;
    const char *accept; /* the media types of an answer that is no stream of deltas */
    const struct plan_pair *headers; /* that each request carries */
    size_t header_count;
    bool generates; /* answers are made of completion tokens */
    uint64_t
        max_tokens; /* the API wants a limit: sent where the scenario has none; 0: it does not */

    /*
     * Appends the request body; NULL for MCP, whose calls api_mcp_write() writes. A key of
     * extra_body replaces the same key of ours. Returns 0; -EINVAL when extra_body is no JSON
     * object; errors of buf.
     */
    int (*write)(const struct api_ask *ask, struct buf *body);

    /*
     * Reads one event of a stream; NULL where there are none. data is NUL-terminated at len.
     * ret_output (bits of enum api_output) is written for API_OUTPUT. Allocates nothing on the usual
     * forms.
     */
    enum api_kind (*read_event)(struct api_reader *reader, const char *data, size_t len,
                                uint32_t *ret_output);

    /* Reads a whole body that is not a stream. As read_event. */
    enum api_kind (*read_body)(struct api_reader *reader, const char *body, size_t len,
                               uint32_t *ret_output);
};

/* How a step speaks to a target of this API; NULL: not at all (plain http), or the API has none of it. */
const struct api_dialect *api_dialect_of(enum plan_api api, enum plan_step_kind kind);

/*
 * How a request is spoken that goes to a path, whatever API its target has: "/v1/chat/completions?x=1" is
 * an OpenAI chat. NULL: plain http.
 */
const struct api_dialect *api_dialect_at(const char *path);

/* Appends the JSON-RPC message of a call. Returns 0 or errors of buf. */
int api_mcp_write(const struct api_mcp_call *call, struct buf *body);

/*
 * Tokens a text has, roughly, where the server tells no usage: bytes / 4, at least 1 for any text
 * (OpenAI's own rule of thumb for English). Marked as an estimate wherever it shows.
 */
uint64_t api_estimate_tokens(size_t bytes);

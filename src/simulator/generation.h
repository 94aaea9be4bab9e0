/*
 * One answer in the making: waits for its turn, then for its first token, then gives one chunk
 * after the other at its time, and breaks on the way when a fault says so. What the bytes look
 * like is the endpoint's format.
 *
 *   WAITING ─turn─▶ STARTING ─ttft─▶ STREAMING ─last chunk─▶ (over)
 *                                     │    ▲
 *                                fault│    │stall_for, or the client has read on
 *                                     ▼    │
 *                                    STALLED, BLOCKED
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/rng.h"
#include "simulator/exchange.h"
#include "simulator/head.h"
#include "simulator/pacer.h"
#include "simulator/spending.h"
#include "simulator/truth_log.h"

struct generation;

enum generation_state {
    GENERATION_WAITING,  /* in the queue, or its turn is about to begin */
    GENERATION_STARTING, /* before the first token; a plain answer stays here to its end */
    GENERATION_STREAMING, /* between two chunks */
    GENERATION_STALLED,   /* a fault stopped it */
    GENERATION_BLOCKED /* the client does not read: the next chunk waits until it has */
};

/* One thing that a stream says. */
struct generation_event {
    enum truth_kind kind;
    const char *text; /* the words, which need no escaping; else "" */
    size_t len;
    uint64_t choice; /* which of several answers it belongs to */
    bool is_first;   /* of the words of its kind, in its choice */
    bool is_last;    /* likewise */
};

/* How an endpoint's answers look. All write into out. */
struct generation_format {
    const char *id_prefix; /* of the answer's id: "chatcmpl-" */
    bool has_done;         /* a stream has a mark of its end behind its finish reason */
    bool names_chunks;     /* each chunk carries the answer's id */

    /* What all events of one stream begin with; it is made once. NULL: nothing is. */
    void (*write_prefix)(const struct generation *generation, struct buf *out);

    /* What one event is in this format: one or several, each with its blank line, or nothing. */
    void (*write_event)(struct generation *generation,
                        const struct generation_event *event, struct buf *out);

    /* An event that says that the server failed, with its blank line. */
    void (*write_error)(struct generation *generation, struct buf *out);

    /* The whole plain answer. */
    void (*write_body)(struct generation *generation, struct buf *out);
};

/* What a request asks for. */
struct generation_spec {
    const struct generation_format *format;
    const char *model;     /* borrowed until generation_begin() returns */
    json_t *body;          /* likewise; kept where the format needs it, NULL where not */
    uint64_t content_hash; /* of the messages */
    uint64_t prompt_tokens;
    uint64_t min_tokens;
    uint64_t max_tokens; /* UINT64_MAX: no limit */
    uint64_t choices;    /* answers to give, one after the other */
    bool ignore_eos;     /* go on up to max_tokens */
    bool no_reasoning;   /* none is wanted, whatever the options say */
    bool is_stream;
    bool include_usage; /* in a stream */
};

#define GENERATION_SPEC(its_format)                                                      \
    ((struct generation_spec){                                                           \
        .format = (its_format), .max_tokens = UINT64_MAX, .choices = 1})

struct generation {
    struct simulator *simulator;
    const struct simulator_options *options; /* of its model */
    struct serve_request *request;
    const struct generation_format *format;
    struct pacer_timer timer;
    struct list turn; /* in the queue */
    uint64_t number;
    enum simulator_service service;
    char *id;       /* owned */
    char *other_id; /* owned: of the answer before, for a mix */
    char *model;    /* owned */
    json_t *body;   /* owned: the request's; NULL where the format needs it not */
    uint64_t created_s;
    uint64_t prompt_tokens;
    uint64_t cached_tokens;
    uint64_t reasoning_tokens; /* of the whole answer */
    uint64_t content_tokens;   /* of the whole answer, all choices together */
    uint64_t choices;          /* of equal length; the reasoning is the first one's */
    enum generation_state state;
    enum truth_fault flaw; /* of the whole answer; TRUTH_FAULT_NONE: none */
    bool is_cut;           /* max_tokens ended it */
    bool is_stream;
    bool include_usage;
    bool is_open; /* the head is sent */
    bool is_role_sent;
    bool is_dripping;
    bool drip_ends; /* the last byte of what drips is the answer's */

    uint64_t arrived_ns;  /* complete */
    uint64_t last_out_ns; /* its latest tokens were due to go; 0: none yet */
    uint64_t due_ns;      /* when the next chunk should go */
    uint64_t reasoning_left;
    uint64_t content_left;
    uint64_t chunks;    /* with tokens, sent */
    uint32_t events;    /* sent */
    uint32_t sequence;  /* of a format that numbers its events */
    struct fault fault; /* kind TRUTH_FAULT_NONE once it has struck */
    struct buf prefix;
    struct buf drip; /* what leaves byte by byte */
    size_t drip_at;
    struct quota_standing standing; /* of its key */
    struct charge charge;           /* to its organization */
    struct rng times;
    struct rng lexicon;
    struct rng retold; /* the lexicon before its first word */
};

/* Begins to answer the exchange's request, which is dealt with whatever happens. */
void generation_begin(struct exchange *exchange, const struct generation_spec *spec);

/* --- What stream.c and plain.c build on. --- */

enum generation_end {
    GENERATION_ANSWERED, /* it reached its end */
    GENERATION_BROKEN,   /* a fault ended it */
    GENERATION_ABANDONED /* the client left, or does not read */
};

/* Gives the turn to the next and frees the generation. The request must be over. */
void generation_end(struct generation *generation, enum generation_end end);

/* Goes on at due_ns, soon when it is past. */
void generation_set_due(struct generation *generation, uint64_t due_ns);

/* Tokens go out at now_ns: counted for /metrics. */
void generation_count_tokens(struct generation *generation, uint64_t tokens,
                             uint64_t now_ns);

/* From here on its events have the id of the answer before. */
void generation_mix(struct generation *generation);

uint64_t generation_draw_gap_ns(struct generation *generation);

/* The chunks that the whole answer has. */
uint64_t generation_chunk_count(const struct generation *generation);

/*
 * Appends the words of the next chunk and says what they are; ret_event->text is left to the
 * caller. Returns how many tokens they are.
 */
uint64_t generation_take_words(struct generation *generation,
                               struct generation_event *ret_event, struct buf *out);

/* Appends all words of the reasoning, or of one choice of the answer, whatever went out so far. */
void generation_retell_reasoning(const struct generation *generation, struct buf *out);
void generation_retell_choice(const struct generation *generation, uint64_t choice,
                              struct buf *out);

/* Begins the header fields of its answer. */
void generation_head(const struct generation *generation, const char *content_type,
                     struct head *head);

/* Notes what was written in the ground truth. */
void generation_note(const struct generation *generation, struct truth_stamp stamp,
                     enum truth_kind kind, uint32_t index, uint16_t tokens);

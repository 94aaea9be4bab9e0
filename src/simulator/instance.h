/*
 * The simulator as its parts see it: what they share.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "base/buf.h"
#include "serve/serve.h"
#include "simulator/capacity.h"
#include "simulator/exchange.h"
#include "simulator/pacer.h"
#include "simulator/simulator.h"
#include "simulator/truth_log.h"
#include "simulator/vllm.h"

/* What random streams of a request are for: the third part of their key. */
enum simulator_stream {
    STREAM_TIMES,  /* of a generation */
    STREAM_WORDS,  /* keyed by what was said */
    STREAM_DRIP,   /* of a whole answer that drips */
    STREAM_REPLY,  /* the time of a whole answer */
    STREAM_VECTOR, /* keyed by what is embedded */
    STREAM_RAG,
    STREAM_TOOL
};

/* A whole answer, also while its client reads: embeddings of as many texts as a request may have. */
#define ANSWER_BYTES_MOST (256 * 1024 * 1024)

/* A few million tokens, told several times over. */
#define PIECE_BYTES_MAX (64 * 1024 * 1024)

struct simulator {
    uv_loop_t *loop;
    const struct simulator_options *options; /* borrowed */
    struct serve *serve;
    struct pacer pacer;
    struct truth_log *truth; /* NULL: no log is kept */
    int truth_error;         /* the log's last word, once it is closed */
    struct capacity capacity;
    uint64_t replies;                  /* that wait: each has a timer */
    struct quota *quota;               /* owned; NULL: no limits */
    struct mcp_sessions *mcp_sessions; /* owned; NULL until there is one */
    struct web *web;                   /* likewise */
    struct tenants *tenants;           /* likewise */
    json_t *rag_collections;           /* likewise; a shelf by name */
    struct vllm vllm;                  /* what /metrics tells */
    struct simulator_counts counts;    /* but for what capacity counts itself */
    uint64_t started_ns;
    char last_id[EXCHANGE_ID_BYTES_MAX + 1]; /* of the latest answer begun; "" at first */
    uint64_t last_content_hash;              /* likewise */
    char fingerprint[16];                    /* system_fingerprint of all answers */
    struct buf text;  /* where the words of one chunk are put together */
    struct buf piece; /* where the events of one write are put together */
    bool is_stopping;
    simulator_stopped_fn *stopped;
    void *stopped_ctx;
};

/* Makes room for the timer of one more generation or reply. Returns 0; -ENOMEM. */
int simulator_reserve_timer(struct simulator *simulator);

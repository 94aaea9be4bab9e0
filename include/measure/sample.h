/*
 * A sample: all that was measured of one attempt. An operation: a step with all its attempts.
 * Plain data, written once by the engine. All moments are monotonic ns; 0: did not happen.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "measure/slo.h"

/* How an attempt ended: exactly one holds. samples.bin has these numbers: a new one goes to the end. */
enum outcome {
    OUTCOME_OK,        /* the answer came whole, with a status that was expected */
    OUTCOME_DEGRADED,  /* likewise, with a status the step calls degraded */
    OUTCOME_CANCELLED, /* throng ended it: the run stopped, or the person had to go */
    OUTCOME_DNS,       /* the name did not resolve */
    OUTCOME_CONNECT,   /* refused or unreachable */
    OUTCOME_TLS,       /* handshake or verification */
    OUTCOME_PROXY,     /* the proxy refused */
    OUTCOME_CONNECT_TIMEOUT,
    OUTCOME_FIRST_TOKEN_TIMEOUT, /* no output within timeouts.first_token */
    OUTCOME_IDLE_TIMEOUT,        /* nothing came for timeouts.idle */
    OUTCOME_TOTAL_TIMEOUT,       /* not over within timeouts.total */
    OUTCOME_RESET,               /* the connection was reset */
    OUTCOME_TRUNCATED, /* it ended without finish reason, or before its length */
    OUTCOME_PROTOCOL,  /* not HTTP */
    OUTCOME_EVENT_TOO_LARGE,
    OUTCOME_ENCODING,         /* content encoding broken or unasked for */
    OUTCOME_LOCAL_RESOURCE,   /* this machine ran out of descriptors, ports or memory */
    OUTCOME_RATE_LIMITED,     /* 429 */
    OUTCOME_UNAUTHORIZED,     /* 401 or 403 */
    OUTCOME_HTTP_4XX,         /* another unexpected status from 400 */
    OUTCOME_HTTP_5XX,         /* an unexpected status from 500 */
    OUTCOME_STREAM_ERROR,     /* an error event inside a stream that began with 200 */
    OUTCOME_MALFORMED_EVENT,  /* an event or a body that is not the JSON it should be */
    OUTCOME_BAD_CONTENT_TYPE, /* HTML or another type where events or JSON should be */
    OUTCOME_EMPTY,            /* a success without any output */
    OUTCOME_CHECK_FAILED,     /* `expect` on something else than the status */
    OUTCOME_REDIRECT,         /* an unexpected status from 300: it is not followed */
    OUTCOME_STATUS,           /* an unexpected status below 300 */
    OUTCOME_ABANDONED,        /* the person lost patience: no failure */
    OUTCOME_SABOTAGED,        /* throng broke it on purpose (chaos): no failure */
    OUTCOME_CIRCUIT_OPEN,     /* it was not sent: the target's circuit breaker is open */
    OUTCOME_TOOL_ERROR, /* MCP: the answer came whole, and says that the tool failed */
    OUTCOME_COUNT,
};

/* Snake-case name for results: "first_token_timeout". */
const char *outcome_name(enum outcome outcome);

/* One sentence for people: what happened and where to look. */
const char *outcome_help(enum outcome outcome);

/* Whether it counts as a failed request: neither a success nor withdrawn. */
bool outcome_is_failure(enum outcome outcome);

/*
 * Whether throng itself ended it before the server had: cancelled, abandoned, sabotaged. How it would
 * have ended is not known, so that it is in no share of failures.
 */
bool outcome_is_withdrawn(enum outcome outcome);

/* Whether the answer came whole, whatever was thought of it: ok, degraded, check_failed, tool_error. */
bool outcome_is_whole(enum outcome outcome);

/*
 * Whether there was no answer at all: no connection, or a refusal. What such an attempt did
 * receive (an error page) is no part of an answer, and its moments are not an answer's moments.
 */
bool outcome_is_refusal(enum outcome outcome);

/*
 * Whether the service was not there: no connection, no answer in time or to its end, a status from
 * 500, or a circuit that such failures opened. The complement of `availability`.
 */
bool outcome_is_outage(enum outcome outcome);

/*
 * Whether the server may have done what it was asked without saying so: the request may have reached it,
 * and no answer of its own came back (none at all, or a gateway's 502 or 504).
 */
bool outcome_is_uncertain(enum outcome outcome, uint16_t status);

/* Where the counts of tokens come from. */
enum token_source { TOKENS_USAGE, TOKENS_ESTIMATED };

/* Facts that may hold together, beside the outcome. */
enum sample_flag {
    SAMPLE_STREAMED = 1 << 0,
    SAMPLE_REUSED = 1 << 1,       /* on a connection that stood already */
    SAMPLE_RESENT = 1 << 2,       /* libcurl sent it again after a keep-alive race */
    SAMPLE_STAMPED = 1 << 3,      /* arrivals are the kernel's */
    SAMPLE_MISSING_DONE = 1 << 4, /* no [DONE], but a finish reason */
    SAMPLE_AFTER_DONE = 1 << 5,   /* bytes after [DONE] */
    SAMPLE_IN_WINDOW = 1 << 6,    /* counts in the headline figures */
    SAMPLE_TTFT_BOUND = 1 << 7,  /* first output in an unresolved read: ttft is a bound */
    SAMPLE_SLOW_READER = 1 << 8, /* read slowly on purpose: left out of trust */
    SAMPLE_OPEN_LOOP = 1 << 9,   /* started by an arrival: *_from_due count */
    /* The first output came in a heap with others: how long the answer took is not known. */
    SAMPLE_GENERATION_UNKNOWN = 1 << 10,
    SAMPLE_CHAT = 1 << 11, /* it asked a model something */
    /* What is wrong with the answer, beside two above: measure/integrity.h. */
    SAMPLE_MISSING_FINISH = 1 << 12,
    SAMPLE_CROSSED = 1 << 13,
    SAMPLE_MIXED_IDS = 1 << 14,
    SAMPLE_USAGE_TOTAL = 1 << 15,
    SAMPLE_USAGE_PARTS = 1 << 16,
    SAMPLE_USAGE_ZERO = 1 << 17,
    SAMPLE_INVALID_TEXT = 1 << 18,
    SAMPLE_REPLAYED = 1 << 19, /* the first attempt at an entry of a trace */
    SAMPLE_OVER_BUDGET =
        1 << 20, /* refused with 429 since the organization's money was spent */
    SAMPLE_REASONED = 1 << 21, /* reasoning was among its output */
};

struct sample {
    uint64_t operation_id; /* unique within the run and worker */
    uint32_t attempt;      /* from 0 */
    enum outcome retry_of; /* of a later attempt: how the one before it ended */
    uint32_t labels;       /* interned label set */
    uint64_t user;         /* ordinal */
    enum outcome outcome;
    uint32_t flags;  /* of enum sample_flag */
    uint16_t status; /* HTTP, 0 without one */
    enum token_source token_source;

    uint64_t due_ns;
    uint64_t sent_ns;
    uint64_t wire_ns;
    uint64_t headers_ns;    /* status line and headers were in */
    uint64_t first_byte_ns; /* first body byte */
    uint64_t first_event_ns;
    uint64_t first_output_ns; /* content, reasoning or tool call */
    uint64_t first_answer_ns; /* content after reasoning; 0: no reasoning came before */
    uint64_t last_output_ns;
    uint64_t
        first_choice_ns; /* OpenAI's streams: first event with a choice, even an empty one */
    uint64_t last_choice_ns;
    uint64_t end_ns; /* end of the response, or when it was given up */
    uint64_t
        late_ns; /* sent so much later than due on purpose (chaos): no lag of throng's */

    uint64_t
        wait_ns; /* of an arrival: nobody was free for so long; no lag of throng's either */
    uint64_t arrival; /* of an open loop: its number among all workers', from 0 */
    uint64_t
        recorded_ns; /* of REPLAYED: when its entry says; steps before it may wait longer */

    uint64_t dns_ns; /* durations */
    uint64_t connect_ns;
    uint64_t tls_ns;
    uint64_t rtt_min_ns;
    uint64_t
        server_prompt_ns;   /* reading the prompt, as the server says; 0: it does not */
    uint64_t ttft_width_ns; /* how much earlier the first output may have come */
    uint64_t end_width_ns;  /* how much earlier end_ns may have been */

    uint32_t chunks;            /* output chunks */
    uint32_t choices;           /* events with a choice */
    uint32_t reads;             /* reads that brought them */
    uint32_t unresolved_chunks; /* gaps left out of icl: arrival within a read unknown */
    uint32_t unstamped_chunks;
    /* Whose arrival is not known: unstamped, or among others in a read that was seen late. */
    uint32_t unsure_chunks;
    uint64_t prompt_tokens;
    uint64_t cached_tokens;
    uint64_t completion_tokens; /* reasoning included */
    uint64_t reasoning_tokens;
    uint64_t bytes_sent;
    uint64_t bytes_received;
    int64_t cost_pusd;
    uint32_t turn; /* of its conversation, from 1; 0: none */

    /* Of the connection, as TCP had it at the end of the request; 0: unknown. */
    uint64_t rtt_ns; /* smoothed */
    uint64_t rttvar_ns;
    uint64_t delivery_rate_bytes_per_s; /* of what was sent */
    uint32_t retransmits; /* segments sent again since the request before on it */
    uint16_t local_port;

    uint32_t together_chunks; /* in one read with the one before, and seen at once */
};

/* What an event of a streamed answer was. */
enum chunk_bit {
    CHUNK_OUTPUT = 1 << 0, /* an output chunk */
    CHUNK_CHOICE = 1 << 1, /* it had a choice, even an empty one (OpenAI's streams) */
};

/* One event of a streamed answer, where each is recorded; the attempt's sample comes later. */
struct chunk {
    uint64_t operation_id;
    uint32_t attempt;
    uint64_t at_ns;
    uint8_t what; /* of enum chunk_bit */
};

/* A step as the person lived it. */
struct operation {
    uint64_t id;
    uint32_t labels;
    uint32_t attempts;
    bool failed;
    bool withdrawn; /* throng ended it: never together with failed */
    bool in_window;
    uint64_t due_ns; /* of the first attempt */
    uint64_t end_ns;
    struct slo_judgement slo;
};

/*
 * Traces: what was recorded of a load → entries that a replay sends, in order of their times. An entry is
 * a request as it was, or no more than its lengths. The files' formats are described in doc/traces.md.
 *
 * A trace is read by data_load() before the load starts (workload/data.h). What it costs in memory is 32
 * bytes an entry, 8 for each block of a prompt, and the requests as they are sent; while it is read, the
 * file beside that.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/replay.h"

struct buf;
struct trace;

/* A prompt or an answer that is longer is a mistake of the file. */
#define TRACE_MAX_TOKENS UINT32_C(1000000)

/* Tokens in a block of a prompt: what Mooncake's hash_ids stand for. */
#define TRACE_BLOCK_TOKENS 512

/* What there is in a trace, and what was left out of it. */
struct trace_facts {
    enum plan_trace_format format; /* never AUTO */
    uint64_t entries;              /* at least 1 */
    uint64_t requests;             /* of them; the others are lengths */
    uint64_t duration_ns; /* of the replay, behind its last entry; at least 1 ms */
    uint64_t bad;         /* rows that could not be read (on_bad_row: skip) */
    uint64_t failed;      /* had no answer when they were recorded */
    uint64_t elsewhere;   /* went to another origin */
    uint64_t outside;     /* before `from`, behind `for` or `limit` */
    const char *origin;   /* where the requests of a HAR went; NULL: not known, or many */
    size_t most_headers;  /* that a request has */
    uint64_t memory_bytes; /* that it takes */
};

/* The origin is borrowed for the trace's life. */
struct trace_facts trace_facts(const struct trace *trace);

/* One entry. */
struct trace_entry {
    uint64_t at_ns;         /* since the replay began; the time scale is in it */
    uint32_t input_tokens;  /* 0: not known */
    uint32_t output_tokens; /* likewise */
    bool has_request;
};

/* index must be below the number of entries. */
struct trace_entry trace_entry_at(const struct trace *trace, uint64_t index);

/* A request as it is sent again. All borrowed for the trace's life. */
struct trace_request {
    const char *method;
    const char *path; /* from the origin, with its query */
    const char *body;
    size_t body_len; /* 0: none */
    size_t header_count;
};

/* Of an entry that has a request. */
struct trace_request trace_request_at(const struct trace *trace, uint64_t index);

struct trace_header {
    const char *name;
    const char *value;
};

/* A header of such an entry; header must be below their count. */
struct trace_header trace_header_at(const struct trace *trace, uint64_t index,
                                    size_t header);

/*
 * Appends a prompt of the entry's input length. Where the trace says of which blocks it was made, equal
 * blocks have equal words, so that a server's prefix cache finds what it found when the trace was
 * recorded; what no block stands for are words of this entry alone. All words depend on the nonce. Returns
 * 0 or out's error.
 */
int trace_write_prompt(const struct trace *trace, uint64_t index, uint64_t nonce,
                       struct buf *out);

/* Of all that is sent, and when: equal for equal replays. */
uint64_t trace_hash(const struct trace *trace);

/* The word of a format, as the scenario spells it: "mooncake". */
const char *trace_format_word(enum plan_trace_format format);

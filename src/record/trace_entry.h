/*
 * One request that went through the proxy, as it was and as it went → a line of throng.trace/1, without
 * its secrets. The line's form is in doc/traces.md. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "record/redaction.h"

/* Beyond these a stream's gaps are not written down. */
#define TRACE_GAPS_MAX 4096

/* How an answer came. Times count from the request's arrival, in ns; 0: it did not happen. */
struct trace_answer {
    uint16_t status; /* as the client saw it; 0: it saw none */
    uint64_t headers_ns;
    uint64_t first_byte_ns;
    uint64_t first_output_ns;
    uint64_t duration_ns;
    uint64_t bytes;         /* of the body, as on the wire */
    uint64_t chunks;        /* events of a stream, else pieces as they were read */
    bool is_streamed;       /* a stream of events */
    const char *end;        /* how it ended: a name of enum transfer_end; static */
    uint32_t *gaps_us;      /* owned: between the stream's events */
    size_t gap_count;       /* at most TRACE_GAPS_MAX */
    uint64_t prompt_tokens; /* of the answer's usage; 0: it has none */
    uint64_t completion_tokens;
};

struct trace_entry {
    uint64_t arrived_ns; /* since the recording's first request */
    uint64_t session;    /* from 1 */
    struct buf
        head; /* method, target, then each header's name and value, NUL behind each */
    size_t header_count;
    struct buf body;
    struct trace_answer answer;
};

/* What was taken out of entries, for people to see that it was. */
struct trace_taken_out {
    uint64_t headers; /* left out for what their names say */
    uint64_t values;  /* starred in targets, headers and bodies */
    uint64_t bodies;  /* left out, since nobody can look into them: they are encoded */
};

/* An empty entry whose body has at most so many bytes; NULL: no memory. */
struct trace_entry *trace_entry_new(size_t max_head_bytes, size_t max_body_bytes);

/* Wipes and releases it; NULL is allowed. Returns NULL. */
struct trace_entry *trace_entry_free(struct trace_entry *entry);

/* The first header of a name; NULL: it has none. Borrowed. */
const char *trace_entry_header(const struct trace_entry *entry, const char *name);

/* Appends the entry's line with its line break, and adds to what was taken out. out's error sticks. */
void trace_entry_write(const struct trace_entry *entry, const struct redaction *rules,
                       struct buf *out, struct trace_taken_out *taken);

/*
 * Appends the first line of a file. origin: the upstream's, without credentials; is_insecure: its
 * certificate was not verified.
 */
void trace_write_header(uint64_t wall_ns, const char *origin, bool is_insecure,
                        struct buf *out);

/*
 * The pieces of an answer as they pass → what a trace keeps of it: when it
 * came, its events' gaps, and the tokens that its usage tells. It reads and
 * keeps nothing back; what it cannot read (an encoding, a strange form) costs
 * figures, never the answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/sse.h"
#include "net/transport.h"
#include "record/trace_entry.h"

struct answer_reading {
    struct trace_answer *answer; /* borrowed: where it is noted */
    uint64_t began_ns;           /* monotonic: the request's arrival */
    uint64_t event_ns;           /* monotonic: the last event of a stream; 0: none yet */
    uint64_t piece_ns;           /* monotonic: the bytes in hand */
    uint32_t read_serial;        /* of the last piece */
    struct inflater *inflater;   /* NULL: the body is not encoded, or cannot be read */
    struct sse_parser *sse;      /* NULL: it is no stream that can be read */
    struct buf tail;             /* of a JSON body: its end, where usage stands */
    bool keeps_tail;
};

/* Begins for an answer that is to be noted; no memory is taken yet. */
void answer_reading_init(struct answer_reading *reading, struct trace_answer *answer,
                         uint64_t began_ns);

/* Releases what it holds; the answer stays. */
void answer_reading_deinit(struct answer_reading *reading);

/* The head is in. content_type and encoding: the headers' values, or NULL. */
void answer_reading_head(struct answer_reading *reading, uint16_t status,
                         const char *content_type, const char *encoding,
                         const struct arrival *arrival);

/* A piece of the body, as it came. */
void answer_reading_body(struct answer_reading *reading, const char *bytes, size_t len,
                         const struct arrival *arrival);

/* The answer is over, in this way, at a monotonic moment. */
void answer_reading_end(struct answer_reading *reading, const char *how, uint64_t now_ns);

/*
 * How streams arrived: chunks, reads and tokens → whether somebody holds the stream back. Pure.
 *
 * A server that streams sends a chunk as soon as it has one, and a client that is on time finds it
 * alone in its read. So an answer is *bunched* if at least nine of ten of its gaps were within one
 * read that throng saw at once, and this is no coincidence: its chunks came at 1 ms each or slower on
 * average, too slow for ten of them to fall into the millisecond in which a read counts as seen at
 * once; or all of them faster than 125 µs each, which no model generates (8,000 chunks/s): it was
 * whole before it was sent. In between a fast server and a buffer cannot be told apart. Speculative
 * decoding gives up to some eight tokens at once: so nine of ten and no less.
 *
 * Gaps of reads that throng saw late are left out (unresolved), and an answer with more of these than
 * half of its gaps, or with less than ten chunks, is not judged: the client's own lateness is
 * never taken for the server's.
 */
#pragma once

#include <stdint.h>

struct counters;
struct sample;

enum stream_shape {
    STREAM_UNJUDGED, /* no whole stream, too short, or throng was late */
    STREAM_FLOWED,
    STREAM_BUNCHED,
};

/* That of one attempt. */
enum stream_shape stream_shape_of(const struct sample *sample);

enum stream_verdict {
    STREAM_UNKNOWN,   /* less than five answers could be judged */
    STREAM_FLOWS,     /* at most half of them were bunched */
    STREAM_HELD_BACK, /* more than half: the server or a proxy buffers */
};

/* "unknown", "flows", "held_back". */
const char *stream_verdict_name(enum stream_verdict verdict);

/* That of a run, or a part of it. */
enum stream_verdict stream_verdict_of(const struct counters *counters);

/*
 * A stream to whoever looks on: a terminal, a pipe, a file, memory. Bytes go out in order, and
 * writing does not wait for a terminal that takes nothing (Ctrl-S, a dead line): what it does not
 * take is kept until it does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"

/* Embedded. */
struct patient_stream {
    FILE *out; /* borrowed */
    int fd;    /* the terminal, opened anew so as not to wait for it; -1: it is none */
    struct buf unsent;
};

/* Bytes that are kept at most; more are lost. */
#define PATIENT_STREAM_BYTES ((size_t)256 * 1024)

void patient_stream_init(struct patient_stream *stream, FILE *out);
void patient_stream_deinit(struct patient_stream *stream);

/*
 * Whether all that was written is out, and more would go: of a pipe up to PIPE_BUF bytes, without a
 * wait. Sends what was kept.
 */
bool patient_stream_is_ready(struct patient_stream *stream);

void patient_stream_write(struct patient_stream *stream, const char *bytes, size_t len);

/* Waits until all is out. */
void patient_stream_finish(struct patient_stream *stream);

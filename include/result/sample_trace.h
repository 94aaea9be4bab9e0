/*
 * A run's samples as a trace, throng.trace/1 (doc/traces.md): when each request was sent, how long its
 * prompt and answer were, and how it was answered. What was asked is not kept in samples, so that the
 * entries are lengths.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct sample_trace {
    uint64_t entries;
    uint64_t
        left_out; /* requests whose tokens nobody counted: no model's, or without an answer */
    bool complete; /* the file was whole */
};

/*
 * Writes the requests of a samples.bin in the order in which they were sent; keeps some 80 bytes of each
 * meanwhile. Returns 0; 1: out took no more (see ferror); -ENOMEM; what sample_file_read() returns.
 */
int sample_trace_export(const char *path, FILE *out, struct sample_trace *ret_trace);

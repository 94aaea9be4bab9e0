/*
 * Entries as they end → a trace file. Secrets are taken out, and lines written, on the threadpool, so that
 * neither a long body nor a slow disk holds up what goes through the proxy. A disk that refuses costs the
 * entries of that time, and nothing else.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "record/trace_entry.h"

struct trace_writer;

struct trace_writer_options {
    const char *path;   /* borrowed for the writer's life, as all here */
    const char *origin; /* of the upstream */
    bool is_insecure;   /* its certificate is not verified */
    const struct redaction *rules;
    size_t
        max_waiting_bytes; /* of entries that wait for the disk; those beyond are lost */
    /* A line could not be written, for the first time since one could. error: -errno. May be NULL. */
    void (*trouble)(void *ctx, int error);
    void *ctx;
};

struct trace_writer_counts {
    uint64_t entries; /* written */
    uint64_t lost;    /* not written: the disk refused, or too many waited */
    uint64_t bytes;   /* of the file */
    int error;        /* the first, -errno; 0: none */
    struct trace_taken_out taken;
};

/* Makes the file. Returns 0; -EEXIST: it is there already; -ENOMEM; what open(2) and write(2) say. */
int trace_writer_new(uv_loop_t *loop, const struct trace_writer_options *options,
                     struct trace_writer **ret_writer);

/* Has the entry, which it takes, written. */
void trace_writer_add(struct trace_writer *writer, struct trace_entry *entry);

/*
 * Has all that waits written and the lines brought into the order of their times; then calls `closed`,
 * once, from the loop. Nothing may be added any more.
 */
void trace_writer_close(struct trace_writer *writer, void (*closed)(void *ctx),
                        void *ctx);

/* What it did so far; all of it once it is closed. */
void trace_writer_counts(const struct trace_writer *writer,
                         struct trace_writer_counts *ret_counts);

/* Releases one that is closed, or never was used; NULL is allowed. Returns NULL. */
struct trace_writer *trace_writer_free(struct trace_writer *writer);

/*
 * Writes the ground truth (simulator/truth.h). A record costs two clock readings and 32 bytes in
 * memory; full blocks are written on libuv's threadpool, so that no stream waits for a disk.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "simulator/truth.h"

struct truth_log;

/* error: 0, or the first, as truth_log_error(). */
typedef void truth_log_closed_fn(void *ctx, int error);

/* The stamps of one write. */
struct truth_stamp {
    uint64_t mono_ns;
    uint64_t wall_ns;
};

/* Creates the file, or empties it. Returns 0; -ENOMEM; what open(2) said. */
int truth_log_new(uv_loop_t *loop, const char *path, struct truth_log **ret_log);

/*
 * Writes what is left, closes the file and frees the log; closed is called later.
 * NULL is allowed: closed is then called at once.
 */
void truth_log_close(struct truth_log *log, truth_log_closed_fn *closed, void *ctx);

/* 0, or the first error; records after it are lost. NULL is allowed. */
int truth_log_error(const struct truth_log *log);

/* Reads both clocks: to be called directly before write(2). A NULL log gives zeros at no cost. */
struct truth_stamp truth_log_stamp(const struct truth_log *log);

/* Notes a request and its id. A NULL log notes nothing. */
void truth_log_received(struct truth_log *log, struct truth_stamp stamp, uint64_t request,
                        const char *id);

/* Notes anything else. A NULL log notes nothing. */
void truth_log_note(struct truth_log *log, struct truth_stamp stamp, uint64_t request,
                    enum truth_kind kind, uint32_t index, uint16_t tokens);

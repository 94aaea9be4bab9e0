/*
 * samples.bin: one record per attempt, with all moments, counts and labels; label sets stand in
 * the file where they are first used. Little-endian, versioned (doc/results.md). The writer never
 * blocks the loop: full blocks are written on libuv's threadpool.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <uv.h>

struct buf;
struct chunk;
struct labels;
struct sample;
struct sample_file;

/*
 * Creates path (0600). max_bytes: past it samples are dropped and counted. labels is borrowed.
 * started_wall_ns and started_mono_ns stand in the header, so that readers can name moments.
 * Returns 0 or -errno.
 */
int sample_file_new(uv_loop_t *loop, const char *path, uint64_t max_bytes,
                    const struct labels *labels, uint64_t started_wall_ns,
                    uint64_t started_mono_ns, struct sample_file **ret_file);

/* Copies a sample into the current block. Allocates nothing but a block now and then. */
void sample_file_append(struct sample_file *file, const struct sample *sample);

/*
 * Likewise an event of an answer that is not over. Chunks are dropped, and counted, from three quarters of
 * max_bytes on: a run whose answers are long loses gaps, and no samples.
 */
void sample_file_append_chunk(struct sample_file *file, const struct chunk *chunk);

/* Sends what was appended to the disk, unless it is busy with what came before. */
void sample_file_flush(struct sample_file *file);

/* Samples dropped so far: over the limit, or not written for want of memory or disk. */
uint64_t sample_file_dropped(const struct sample_file *file);

/* Likewise chunks. */
uint64_t sample_file_chunks_dropped(const struct sample_file *file);

/* The first error of writing, 0 without one: -ENOSPC and the like. */
int sample_file_error(const struct sample_file *file);

/*
 * Writes what is left and the closing record, then calls done from the loop; the memory is
 * released after it. error: as sample_file_error.
 */
void sample_file_close(struct sample_file *file, void (*done)(void *ctx, int error),
                       void *ctx);

/* Reading. Each record in order, until fn returns non-zero (which is returned). */
typedef int sample_file_fn(void *ctx, const struct sample *sample,
                           const struct labels *labels);

/*
 * Moments of what is read count from the run's start (a moment at the very start is 1, since 0 is
 * "did not happen"). Returns 0; -EBADMSG when the file is no such file; -errno. A cut last record is no error, nor is an empty file.
 */
int sample_file_read(const char *path, sample_file_fn *fn, void *ctx, bool *ret_complete);

/* A chunk, of an attempt whose sample follows. As sample_file_fn. */
typedef int sample_chunk_fn(void *ctx, const struct chunk *chunk);

/* As sample_file_read(), with the chunks where they were recorded. */
int sample_file_read_chunks(const char *path, sample_file_fn *fn,
                            sample_chunk_fn *chunk_fn, void *ctx, bool *ret_complete);

/*
 * Appends a sample as one line of requests.jsonl, without the line's end: the fields of the file by
 * name, flags as names, labels as an object; moments that did not happen are left out. Behind
 * them stand rates and prompt_processing, which follow from the fields. Returns
 * buf_error.
 */
int sample_json_line(const struct sample *sample, const struct labels *labels,
                     struct buf *out);

/*
 * Writes every sample of a file as a line of requests.jsonl. ret_complete as sample_file_read().
 * Returns 0; 1: out took no more (see ferror); what sample_file_read() returns.
 */
int sample_json_export(const char *path, FILE *out, bool *ret_complete);

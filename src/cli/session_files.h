/*
 * The files that are written while a session goes on: samples.bin, which is flushed every second, and
 * checkpoint.json, so that a run that is killed loses a few seconds at most. Nothing here blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "result/checkpoint.h"

struct chunk;
struct sample;
struct sample_file;
struct session_evidence;

/* All zero: none. */
struct session_files {
    struct session_evidence *evidence; /* gets what is lost, and the first error */
    struct sample_file *samples;       /* NULL: none is kept */
    struct checkpoint *checkpoint;     /* likewise */
    uint64_t flushed_ns;
    int checkpoint_error; /* that was told last */
    bool samples_closing;
};

/*
 * Opens both, where the session has a folder; evidence says of what, and gather and ctx are those of
 * struct checkpoint_options. A run without its samples or its checkpoint is still a run: evidence
 * has the error of the former, and the latter is logged.
 */
void session_files_open(struct session_files *files, struct session_evidence *evidence,
                        uint64_t started_ns, struct run_facts (*gather)(void *ctx),
                        void *ctx);

void session_files_sample(struct session_files *files, const struct sample *sample);
void session_files_chunk(struct session_files *files, const struct chunk *chunk);

/* Some times a second. */
void session_files_tick(struct session_files *files, uint64_t now_ns);

/* How many samples are not in the file so far. */
uint64_t session_files_dropped(const struct session_files *files);
/* Likewise chunks (--record-chunks). */
uint64_t session_files_chunks_dropped(const struct session_files *files);

/* Writes what is left; the loop goes on until it is closed, and then it may be freed. */
void session_files_close(struct session_files *files);
bool session_files_are_closed(const struct session_files *files);
void session_files_free(struct session_files *files);

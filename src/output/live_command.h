/*
 * What the live page asks of a run: a JSON object with one member → a command, or a sentence that says
 * what is wrong with it. Pure.
 *
 *   {"users": 40}  {"rate": 12.5}  {"pause": true}  {"resume": true}  {"stop": true}  {"mark": "…"}
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/run_mark.h"

struct run_control;

enum live_command_kind {
    LIVE_USERS,
    LIVE_RATE,
    LIVE_PAUSE,
    LIVE_RESUME,
    LIVE_STOP,
    LIVE_MARK,
};

struct live_command {
    enum live_command_kind kind;
    uint64_t users;
    double rate_per_s;
    char text[RUN_MARK_BYTES]; /* of a mark */
};

#define LIVE_SENTENCE_BYTES 256

/* len bytes from anywhere. Returns 0; -EINVAL with a sentence. */
int live_command_read(const char *body, size_t len, struct live_command *ret_command,
                      char reterr_sentence[static LIVE_SENTENCE_BYTES]);

/* Asks it of the run. Returns 0; or its -errno with a sentence. */
int live_command_run(const struct live_command *command,
                     const struct run_control *control,
                     char reterr_sentence[static LIVE_SENTENCE_BYTES]);

/*
 * A simulator on a loop of its own, and clients for it, for tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uv.h>

#include "base/buf.h"
#include "simulator/simulator.h"
#include "wire.h"

#define RIG_WIRES 4

struct rig {
    uv_loop_t loop;
    struct simulator_options options;
    struct buf error;
    struct simulator *simulator;
    uint16_t port;
    bool is_stopped;
    struct wire wires[RIG_WIRES];
    char truth_path[64]; /* made by rig_keep_truth(); removed at the end */
};

/* For cmocka: state becomes a rig with quick answers of 3 tokens that is not started yet. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/* Sets an option, by rig_start() at the latest. */
void rig_set(struct rig *rig, const char *key, const char *value);
/* Has the ground truth written to a file in the folder for temporary files. */
void rig_keep_truth(struct rig *rig);
/* Starts the simulator and connects all wires. */
void rig_start(struct rig *rig);
/* Stops the simulator and waits for it. */
void rig_stop(struct rig *rig);

/* Sends a request with a JSON body. headers: whole lines, "" for none. */
void rig_post(struct rig *rig, unsigned wire, const char *path, const char *headers,
              const char *json);
/* Sends a chat request with one message; more: members to add, ",\"stream\":true". */
void rig_chat(struct rig *rig, unsigned wire, const char *more);

/* A whole answer. */
struct rig_answer {
    int status;
    char head[4096]; /* status line and header fields, the last with its line break */
    json_t *json;    /* the body; NULL where it is none */
};

/* Sends a request on wire 0, with a JSON body where json is not NULL, and waits for its answer. */
void rig_call(struct rig *rig, const char *method, const char *path, const char *headers,
              const char *json, struct rig_answer *ret_answer);
void rig_answer_deinit(struct rig_answer *answer);
/* Fails the test unless the head has this line: "retry-after: 3". */
void rig_expect_field(const struct rig_answer *answer, const char *line);

/* The JSON of the number-th event of the stream that a wire received, the caller's. */
json_t *rig_event(const struct wire *wire, unsigned number);

/* What stands at a path of members and indices: "choices.0.text". Fails the test where nothing does. */
const json_t *rig_at(const json_t *json, const char *path);
const char *rig_text_at(const json_t *json, const char *path);
long long rig_count_at(const json_t *json, const char *path);

/*
 * A simulator on a loop of its own, and clients for it, for tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

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

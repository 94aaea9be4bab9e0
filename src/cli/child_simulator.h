/*
 * The built-in simulator as a child process on a free port of the loopback, for scenarios with
 * `target: simulator`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct child_simulator;
struct plan_setting;

/*
 * Starts `throng simulate` and waits until it listens. ground_truth: the path of its log, or NULL.
 * Returns 0; -errno; -ETIMEDOUT when it does not come up in 10 s; -ECHILD when it died (what it
 * said went to standard error).
 */
int child_simulator_start(const struct plan_setting *settings, size_t setting_count,
                          const char *ground_truth, struct child_simulator **ret_child);

/* "http://127.0.0.1:41234", borrowed. */
const char *child_simulator_origin(const struct child_simulator *child);

/* Whether it has ended by itself. */
bool child_simulator_died(struct child_simulator *child);

/* Asks it to end, waits for it and releases it; NULL is allowed. Returns NULL. */
struct child_simulator *child_simulator_stop(struct child_simulator *child);

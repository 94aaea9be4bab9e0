/*
 * A session: one run from its first request to its last file. It wires loop, transport, engine,
 * recorder, samples and probes together, hears the signals, and gathers the facts at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/probe.h"

struct plan;
struct result_folder;
struct verdicts;

struct session_options {
    const struct plan *plan; /* targets' origins are filled; borrowed, like all below */
    const char *scenario_path;
    const char *run_id;
    const char *fingerprint;      /* hex */
    struct result_folder *folder; /* NULL: nothing is written */
    const struct probe *probes;
    size_t probe_count;
    bool kernel_stamps;
};

/*
 * Signals that ask to stop wait until the session can hear them, so that none can end the program
 * between its start and its results. A session releases them.
 */
void session_hold_signals(void);
void session_release_signals(void);

/* Hears the facts while all they point to is still there. */
typedef void session_facts_fn(void *ctx, const struct run_facts *facts);

/*
 * Runs the load to its end. verdicts gets what can be said against the run; then on_facts is
 * called, and the probes' on_end. Returns 0; or -errno when the run could not begin.
 */
int session_run(const struct session_options *options, struct verdicts *verdicts,
                session_facts_fn *on_facts, void *ctx);

/*
 * The facts of a finished run: all that a summary is made of. Gathered by the one who wired the
 * run; borrowed by those who tell of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/run_view.h"
#include "result/verdict.h"

struct plan;

struct run_facts {
    const char *run_id;
    const char *version; /* of throng */
    const char *scenario_path;
    const char *fingerprint; /* hex, or "" where it was not computed */
    uint64_t started_wall_ns;
    uint64_t ended_wall_ns;
    uint64_t window_start_ns; /* monotonic; the measured window */
    uint64_t window_end_ns;
    const struct run_view *view; /* plan, recorder, stop reason, times */
    const struct verdicts *verdicts;
    bool insecure; /* TLS was not verified */

    /* What the client spent and saw. */
    double cpu_user_s;
    double cpu_system_s;
    uint64_t max_rss_bytes;
    uint64_t connections_opened;
    uint64_t connections_peak;
    uint64_t reads;
    uint64_t unstamped_reads;
    uint64_t clock_steps;
    uint64_t samples_dropped; /* not written to samples.bin */
};

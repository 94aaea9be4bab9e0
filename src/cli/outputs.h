/*
 * The outputs of a run: which probes watch it, by what its options and its plan ask for. A new one
 * is opened here and closed here.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include <uv.h>

#include "cli/backend_probe.h"
#include "cli/listening.h"
#include "cli/live_progress.h"
#include "output/exposition.h"
#include "output/probe.h"
#include "output/terminal.h"

struct plan;
struct pushgateway;
struct run_options;
struct verdicts;

#define OUTPUTS_MAX 12
#define WORKER_POD_BYTES 256

struct outputs {
    uv_loop_t *loop;
    const struct run_options *options;
    struct exposition_options exposition; /* what Prometheus is told of the run */
    char worker_pod[WORKER_POD_BYTES];
    struct backend_probe backends;
    struct live_progress progress;
    struct listening listening;
    struct pushgateway *pushgateway;
    struct probe probes[OUTPUTS_MAX];
    size_t probe_count;
};

/*
 * Begins with what has to be there before the load: --listen and --ui. Adds a verdict (106) where it cannot
 * listen. run_id may still change until outputs_open(); all is borrowed.
 */
void outputs_init(struct outputs *outputs, uv_loop_t *loop,
                  const struct run_options *options, const struct plan *plan,
                  const char *run_id, const char *fingerprint, struct verdicts *verdicts);

/* What has to hold before any load: that a Pushgateway is there. Adds a verdict (113) where not. */
void outputs_check(const struct plan *plan, struct verdicts *verdicts);

/* Before outputs_open(): where results go, borrowed, and whether a search makes the load. */
void outputs_describe(struct outputs *outputs, const char *results, bool is_search);

/* Opens all others. progress: where progress is shown; NULL: nowhere. Returns 0 or -ENOMEM. */
int outputs_open(struct outputs *outputs, FILE *progress, struct terminal_style style);

/* Adds one that somebody else opened and closes, behind all others. */
void outputs_add(struct outputs *outputs, struct probe probe);

/* What they had on the loop is let go of in its next turns. */
void outputs_close(struct outputs *outputs);

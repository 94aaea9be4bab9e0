/*
 * A session: one run from its first request to its last file. It wires transport, engine,
 * recorder, samples and probes together on a loop, hears the signals, and has the facts told at the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <uv.h>

#include "measure/trust.h"
#include "output/probe.h"

struct backend_book;
struct data;
struct plan;
struct reload;
struct result_folder;
struct session_driver;
struct verdicts;

struct session_options {
    uv_loop_t *loop; /* the probes' too: they close what they opened on it themselves */
    const struct plan *plan; /* targets' origins are filled; borrowed, like all below */
    const struct data *data;
    const char *scenario_path;
    const char *run_id;
    const char *fingerprint;             /* hex */
    struct reload *reload;               /* NULL: the plan stays as it is */
    struct result_folder *folder;        /* NULL: nothing is written */
    const struct backend_book *backends; /* what servers tell; NULL: nobody asks them */
    const struct probe *probes;
    size_t probe_count;
    const struct session_driver *driver; /* NULL: the phases are the plan's */
    FILE *progress;  /* a terminal that says what is made before the load; NULL: none */
    bool no_cleanup; /* what was made at the platform stays */
    bool kernel_stamps;
    bool record_chunks; /* into samples.bin, each chunk of an answer */
    bool log_bodies;    /* each request's and answer's is logged */
    enum trust_grade
        least_trust; /* a worse grade speaks against the run; TRUST_F: none */
};

/* The outcome of a run whose setup failed, its tenants included. */
#define SESSION_NOT_SET_UP 1

/* Hears the facts while all they point to is still there. */
typedef void session_facts_fn(void *ctx, const struct run_facts *facts);

/*
 * Runs the load to its end, with the probes called as output/probe.h tells. verdicts gets what can
 * be said against the run; then on_facts is called, to write the results and show them. Signals that
 * were held (cli/stop_signals.h) are heard until all is told, and ignored from then on.
 * Before the load come the tenants and the setup that the plan has for the whole run, and behind it the
 * teardown and their removal.
 * Returns 0; SESSION_NOT_SET_UP: the setup failed, as verdicts tells, and nothing was measured; or
 * -errno when the run could not begin.
 */
int session_run(const struct session_options *options, struct verdicts *verdicts,
                session_facts_fn *on_facts, void *ctx);

/*
 * The dry run: the load in virtual time against a scripted server, so that what would be sent can
 * be seen, compared and fingerprinted without a network.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

struct plan;

/* Hex of a SHA-256, with its NUL. */
#define FINGERPRINT_BYTES 65

/*
 * Runs the plan dry and prints what came of it; print_requests: each request as a line of JSON, in
 * the order of sending. Returns the exit code.
 */
int dry_run(const struct plan *plan, const char *run_id, bool print_requests, FILE *out);

/*
 * The workload's fingerprint (DESIGN section 3, "Determinism"): the same for any number of workers,
 * targets and runs. Writes "" where memory ran out.
 */
void fingerprint_of_plan(const struct plan *plan,
                         char fingerprint[static FINGERPRINT_BYTES]);

/*
 * The dry run: the load in virtual time against a server that only exists on paper, so that what
 * would be sent can be seen, compared and fingerprinted without a network. What a server or the
 * clock would supply stands as a named placeholder: {{answer}}, {{key}}, {{request_id}}.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct plan;
struct transfer_request;

/* One request as it would go out. Borrowed for the call. */
struct dry_request {
    const struct transfer_request *request;
    uint64_t at_ns; /* since the start of the load */
};

typedef void dry_request_fn(void *ctx, const struct dry_request *request);

/*
 * Lets at most `until_ns` of the load pass (UINT64_MAX: all of it). nonce makes the questions'
 * first words. Returns 0 or a negative errno.
 */
int dry_run(const struct plan *plan, uint64_t nonce, uint64_t until_ns,
            dry_request_fn *fn, void *ctx);

/*
 * Runs the whole plan dry and prints what came of it; each: every request as a line of JSON, in
 * the order of sending. Returns 0 or a negative errno.
 */
int dry_run_print(const struct plan *plan, uint64_t nonce, bool each, FILE *out);

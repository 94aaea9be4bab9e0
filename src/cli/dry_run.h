/*
 * The dry run: the load in virtual time against a server that only exists on paper, so that what
 * would be sent can be seen, compared, fingerprinted and reckoned without a network. What a server
 * or the clock would supply stands as a named placeholder: {{answer}}, {{key}}, {{request_id}}.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct data;
struct api_dialect;
struct labels;
struct plan;
struct run_view;
struct sample;
struct transfer_request;

/* One request as it would go out. Borrowed for the call. */
struct dry_request {
    const struct transfer_request *request;
    const struct api_dialect *dialect; /* NULL: plain http */
    uint64_t at_ns;                    /* since the start of the load */
    int64_t worst_pusd;                /* what it can cost at most */
};

typedef void dry_request_fn(void *ctx, const struct dry_request *request);

/* How the server on paper answers. */
struct dry_answer {
    uint64_t first_token_ns;
    uint64_t rest_ns;    /* from there to the end */
    size_t answer_bytes; /* length of its text; 0: {{answer}} */
};

/* Who watches a dry run; all but ctx may be NULL. */
struct dry_watch {
    void *ctx;
    dry_request_fn *on_request;
    /* Says how a request is answered; *ret_answer is the usual. */
    void (*on_answer)(void *ctx, const struct transfer_request *request,
                      struct dry_answer *ret_answer);
    /* An attempt is over. */
    void (*on_sample)(void *ctx, const struct labels *labels,
                      const struct sample *sample);
    /* All is over; the view is borrowed for the call. */
    void (*on_end)(void *ctx, const struct run_view *view);
};

/*
 * Lets at most `until_ns` of the load pass (UINT64_MAX: all of it). nonce makes the questions'
 * first words; data: of the plan, NULL where it has none. Returns 0 or a negative errno.
 */
int dry_run(const struct plan *plan, const struct data *data, uint64_t nonce,
            uint64_t until_ns, const struct dry_watch *watch);

/*
 * Runs the whole plan dry and prints what came of it; each: every request as a line of JSON, in
 * the order of sending. Returns 0 or a negative errno.
 */
int dry_run_print(const struct plan *plan, const struct data *data, uint64_t nonce,
                  bool each, FILE *out);

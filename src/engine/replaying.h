/*
 * Replaying: the request that an arrival's entry of the trace holds, sent again as it was. Its answer is
 * read as that of the API that its path belongs to, so that a recorded chat has all the figures of a chat.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/request.h"

struct attempt;
struct buf;
struct user;

/* Of an attempt. All zero: it is no such request. */
struct replayed {
    bool is_request;
    uint32_t url_at; /* where its URL stands in attempt->wording */
};

/* Whether the entry of the user's arrival is a request; else it is lengths. */
bool replaying_has_request(const struct attempt *attempt);

/*
 * Of an attempt that is sent now: whether it is the first at what its arrival's entry stands for. That is
 * the first step `replay` of a flow, or its first request where it has no such step.
 */
void replaying_note_sent(struct attempt *attempt);

/* Makes the attempt ready to send it; its templates are made. Returns 0; -ENOMEM; -EMSGSIZE. */
int replaying_prepare(struct attempt *attempt);

/* What request_make() needs of it; all zero: the attempt is none. Borrowed until the attempt ends. */
struct request_recorded replaying_request(const struct attempt *attempt);

/* The bytes of its body; NULL: none. */
const char *replaying_body(const struct attempt *attempt, size_t *ret_len);

/*
 * Appends the name of the model that the entry of the user's arrival asks, of the step of this number:
 * what a request's body says, else the step's. Nothing where the request asks none. Returns buf_error.
 */
int replaying_write_model(const struct user *user, uint32_t step, struct buf *out);

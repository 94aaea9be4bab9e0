/*
 * Findings: what a step looks for in its answer when it is over: variables, checks, and what
 * conditions and metrics of the scenario's own look at afterwards. A step that looks for nothing
 * keeps nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct attempt;
struct transfer;

/* Of an answer that is looked at, beside its body and words, which are the attempt's. */
struct findings {
    struct buf headers; /* a JSON object, where somebody looks at all of them */
    uint32_t checks_failed;
    char problem[160]; /* what of that made the request a failed one; "" */
};

/* The request is made ready: where its step looks for something, it is kept from now on. 0; -ENOMEM. */
int findings_begin(struct attempt *attempt);

/* NULL is allowed. Returns NULL. */
struct findings *findings_free(struct findings *findings);

/* How many bytes more of the body are worth keeping for who looks at it. */
size_t findings_room(const struct attempt *attempt);

/*
 * The answer is over, whole or not: takes cookies, variables and checks from it. transfer has its
 * headers; NULL: there was none.
 */
void findings_take(struct attempt *attempt, const struct transfer *transfer);

/* Puts what queries see of the answer into the engine's query (script.h). */
void findings_put(const struct attempt *attempt);

/* The answer stays with its user as the one before: what conditions over `last` look at. */
void findings_keep(const struct attempt *attempt);

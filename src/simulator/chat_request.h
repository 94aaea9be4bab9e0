/*
 * The body of a chat request → what is to be generated, or why it is refused. Pure.
 */
#pragma once

#include <jansson.h>

#include "simulator/generation.h"

/* Why a request is refused, as OpenAI would say it. */
struct chat_refusal {
    struct exchange_error error; /* its strings are constants */
    const char *message;         /* a constant */
};

/*
 * Fills in the spec from the body's JSON (NULL: it was none). Parameters that do not bear on what
 * is generated are ignored. The spec borrows from root.
 * Returns 0; -EINVAL: reterr_refusal says why.
 */
int chat_request_read(const json_t *root, struct generation_spec *spec,
                      struct chat_refusal *reterr_refusal);

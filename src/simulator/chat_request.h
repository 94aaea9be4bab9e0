/*
 * The body of a chat request → what is to be generated, or why it is refused. Pure.
 */
#pragma once

#include <jansson.h>

#include "simulator/asked.h"
#include "simulator/generation.h"

/*
 * Fills in the spec from the body's JSON (NULL: it was none). Parameters that do not bear on what
 * is generated are ignored. The spec borrows from root.
 * Returns 0; -EINVAL: reterr_refusal says why.
 */
int chat_request_read(const json_t *root, struct generation_spec *spec,
                      struct refusal *reterr_refusal);

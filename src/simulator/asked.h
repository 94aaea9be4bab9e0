/*
 * Reading the JSON bodies of requests: members → values, or why the request is refused, in the
 * words of OpenAI's API. Pure.
 */
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "simulator/exchange.h"
#include "simulator/generation.h"

/* Why a request is refused. */
struct refusal {
    struct exchange_error error; /* its strings are constants */
    const char *message;         /* a constant */
};

/* Fills in a refusal with status 400. Returns -EINVAL. */
int refusal_set(struct refusal *refusal, const char *param, const char *code,
                const char *message);

/* Reads an integer ≥ least when it is there and not null. Returns 0; -EINVAL. */
int asked_read_count(const json_t *value, json_int_t least, uint64_t *count);

/*
 * The model's name in a body, which must be an object (NULL: it was no JSON). Returns 0; -EINVAL:
 * the refusal says why.
 */
int asked_read_model(const json_t *root, const char **ret_model, struct refusal *refusal);

/* Reads a member that is true, false, null or missing. Returns 0; -EINVAL. */
int asked_read_bool(const json_t *root, const char *name, bool *ret_value);

/*
 * Reads `stream` and, where has_options, `stream_options`, which also sets include_usage.
 * Returns 0; -EINVAL: the refusal says why.
 */
int asked_read_stream(const json_t *root, bool has_options, struct generation_spec *spec,
                      struct refusal *refusal);

/* The body of a request as JSON, the caller's; NULL: it is none. */
json_t *asked_parse(const struct exchange *exchange);

/* Begins what the spec asks for, unless r < 0 or there is no such model, which is refused. */
void asked_begin(struct exchange *exchange, int r, const struct generation_spec *spec,
                 const struct refusal *refusal);

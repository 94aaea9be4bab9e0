/*
 * The web API under /api/v1 as its parts see it: accounts, what they own, and how it refuses. Its
 * form is this simulator's own (doc/simulator.md), as many services have it.
 */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "simulator/exchange.h"

struct web;

/* NULL: no memory. */
struct web *web_new(void);

/* NULL is allowed. Returns NULL. */
struct web *web_free(struct web *web);

/* The simulator's, made at first use; NULL: no memory, and the exchange is refused. */
struct web *web_of(const struct exchange *exchange);

/* Makes an id from the seed and a count: "agent-1f0c…". */
void web_make_id(const struct exchange *exchange, const char *prefix,
                 char ret_id[static 48]);

/* The time now, as RFC 3339 has it. */
void web_write_now(char ret_time[static 32]);

/*
 * The account whose token the request brings; without one it is refused here with 401. Borrowed
 * until the next request: {"user": {…}, "secret": …, "agents": {…}, "pipelines": {…}}.
 */
json_t *web_account(const struct exchange *exchange);

/* Refuses with 422 and the place of the mistake, a member of the body or the query. */
void web_refuse_field(const struct exchange *exchange, const char *where,
                      const char *field, const char *message);

/* The body's object, the caller's; what has none, or too much, is refused here. */
json_t *web_body(const struct exchange *exchange);

/*
 * A member of the body that must be a text of least to most bytes; where it is not, it is refused
 * here and NULL.
 */
const char *web_text(const struct exchange *exchange, const json_t *body,
                     const char *field, size_t least, size_t most);

/*
 * What requests to the tenant API have in common: whom the path names, the members of a body, pages
 * of a list, and how it refuses. Its form is this simulator's own (doc/simulator.md), with OpenAI's
 * lists and errors.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "simulator/exchange.h"
#include "simulator/tenants.h"

/* The simulator's, made at first use. NULL: no memory, and the exchange is refused. */
struct tenants *tenant_request_tenants(const struct exchange *exchange);

/* Whom the path names, borrowed; who does not exist is refused here with 404: NULL. */
struct tenant_organization *tenant_request_organization(const struct exchange *exchange);
struct tenant_user *tenant_request_user(const struct exchange *exchange);
struct tenant_key *tenant_request_key(const struct exchange *exchange);

/* The body's object, the caller's; what has none, or too much, is refused here with 400. */
json_t *tenant_request_body(const struct exchange *exchange);

/* Refuses with 400: a member of the body, or a part of the query, is not what it must be. */
__attribute__((format(printf, 3, 4))) void
tenant_request_refuse_field(const struct exchange *exchange, const char *field,
                            const char *format, ...);

/*
 * A member that is a text of 1 to most bytes, borrowed from the body; what is none is refused here:
 * NULL. fallback: what stands where the member is missing; NULL: then it is refused too.
 */
const char *tenant_request_text(const struct exchange *exchange, const json_t *body,
                                const char *field, size_t most, const char *fallback);

/* Answers 204. */
void tenant_request_answer_removed(const struct exchange *exchange);

/* A page of a list: so many, behind the one with this id. */
struct tenant_page {
    size_t limit;
    char after[TENANT_ID_BYTES]; /* "": from the first on */
};

/* Reads limit and after of the query; what they cannot be is refused here: false. */
bool tenant_request_page(const struct exchange *exchange, struct tenant_page *ret_page);

/* Refuses an `after` that names nothing of this list. */
void tenant_request_refuse_after(const struct exchange *exchange);

/* One element as the list shows it. */
typedef json_t *tenant_show_fn(struct list *place);

/*
 * Answers with the page's elements of a list, those behind `after`; which is its head for the whole
 * list.
 */
void tenant_request_answer_page(const struct exchange *exchange,
                                const struct tenant_page *page, struct list *head,
                                struct list *after, tenant_show_fn *show);

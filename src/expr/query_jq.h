/*
 * Queries that libjq evaluates: all of them in one program, since compiling one costs 15 ms, and
 * most of that whatever the program is.
 */
#pragma once

#include "expr/query.h"

struct buf;
struct query_jq;

/* Compiles a query by itself, to see whether it is one. Returns 0; -EINVAL; -ENOMEM. */
int query_jq_check(const char *text, struct query_error *reterr_error);

/* Returns 0; -EINVAL where one is no query; -ENOMEM; -EAGAIN: no thread for the watch. */
int query_jq_new(const char *const *texts, size_t count, struct query_jq **ret_jq);

/* NULL is allowed. Returns NULL. */
struct query_jq *query_jq_free(struct query_jq *jq);

/* As query_run(). */
int query_jq_run(struct query_jq *jq, size_t index, const struct query_root *roots,
                 size_t count, struct buf *out, struct query_result *ret_result);

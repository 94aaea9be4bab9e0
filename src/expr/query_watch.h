/*
 * Ends evaluations of libjq that take too long: `[range(1e12)]` would keep the loop busy for hours.
 * libjq looks at each of its instructions whether it was halted, so that a thread beside the loop
 * may do that. It cannot end one instruction that takes long in itself (ADR 0012).
 */
#pragma once

#include <stdbool.h>

#include <jq.h>

struct query_watch;

/* Processor time that one evaluation may take. */
#define QUERY_WATCH_NS UINT64_C(100000000)

/* Watches evaluations of the calling thread. Returns 0; -ENOMEM; -EAGAIN: no thread could be made. */
int query_watch_new(struct query_watch **ret_watch);

/* Ends the thread. NULL is allowed. Returns NULL. */
struct query_watch *query_watch_free(struct query_watch *watch);

/* From here until query_watch_end() the evaluation may be halted. */
void query_watch_begin(struct query_watch *watch, jq_state *jq);

/* Whether it was. */
bool query_watch_end(struct query_watch *watch);

/*
 * A query that is put together from what is asked: its text, and its values in the order of their use.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/buf.h"

struct history;
struct history_filter;

#define QUERY_VALUES 64

struct history_query {
    struct buf sql;
    char **values; /* owned, as they are */
    size_t count;
    int error; /* the first */
};

int query_init(struct history_query *query);
void query_deinit(struct history_query *query);

/* Appends text of our own. */
__attribute__((format(printf, 2, 3))) void query_say(struct history_query *query,
                                                     const char *format, ...);

/* Appends the mark of a value, $N, which is copied. */
void query_value(struct history_query *query, const char *value);

/*
 * Appends the conditions of a filter on a run: " WHERE …" where there are any, and how the rows are ordered
 * and cut: newest first. run: how the table or view of runs is called in the query.
 */
void query_filter(struct history_query *query, const struct history_filter *filter,
                  const char *run);

/* Asks within a transaction of its own. As history_ask(). */
int query_ask(struct history_query *query, struct history *history, json_t **ret_rows,
              struct buf *reterr);

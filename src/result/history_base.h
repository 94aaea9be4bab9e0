/*
 * What the parts of a history have in common: its store, and how it is asked.
 */
#pragma once

#include "result/history.h"
#include "result/history_place.h"
#include "result/history_schema.h"
#include "result/history_store.h"

struct history {
    struct history_place place;
    struct history_store *store;
};

/* As history_store_ops.begin() and history_store_end(). */
int history_begin(struct history *history, enum history_access wanted,
                  struct buf *reterr);
int history_end(struct history *history, int r, struct buf *reterr);

/* Asks, within a transaction. ret_rows: an array of objects by column, the caller's. */
int history_ask(struct history *history, const char *sql, const char *const *values,
                size_t count, json_t **ret_rows, struct buf *reterr);

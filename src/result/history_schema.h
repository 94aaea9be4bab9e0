/*
 * What a history holds: tables of columns, and the views over them that people query. The same for both
 * databases: from here come what makes and upgrades them, the statements that fill them, and the page that
 * documents them (doc/history.md).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "result/history_store.h"

struct buf;

enum history_type {
    HISTORY_TEXT,
    HISTORY_COUNT,  /* a whole number */
    HISTORY_NUMBER, /* NULL: not known */
    HISTORY_MOMENT, /* ISO 8601 in UTC, with milliseconds */
};

struct history_column {
    const char *name;
    const char *
        member; /* where it stands in what a row is made of: "above/p95"; NULL: the maker says it */
    const char *help;
    enum history_type type;
    uint32_t since; /* the version of the schema that brought it */
};

struct history_table {
    const char *name;
    const char *key; /* of its rows: "run_id, metric" */
    const struct history_column *columns;
    size_t column_count;
    uint32_t since;
    const char *help;
};

/* What people query. Its columns stay as they are from version to version; new ones stand behind them. */
struct history_view {
    const char *name;
    const char *query;
    const char *help;
};

struct history_schema {
    uint32_t version;
    const struct history_table *tables;
    size_t table_count;
    const struct history_view *views;
    size_t view_count;
};

/* That of this version of the program. */
const struct history_schema *history_schema(void);

/* The table of a name; NULL: there is none. */
const struct history_table *history_schema_table(const struct history_schema *schema,
                                                 const char *name);

/*
 * Brings a database to the version of the schema, in one transaction: what it has stays. wanted
 * HISTORY_READ: one that has nothing yet is left so. Returns as history_store_ops.run(); -ENOENT: there is
 * nothing yet; -EPROTO with a sentence: a newer program wrote it.
 */
int history_schema_upgrade(const struct history_schema *schema,
                           struct history_store *store, enum history_access wanted,
                           struct buf *reterr);

/* Appends the tables and views as Markdown. Returns buf_error. */
int history_schema_page(const struct history_schema *schema, struct buf *out);

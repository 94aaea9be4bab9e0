/*
 * A database that holds a history of runs: SQL statements in, rows out. The statements are those that both
 * databases understand; what differs (types, how a transaction begins) goes by the dialect.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

struct buf;
struct history_place;

enum history_dialect { HISTORY_SQLITE, HISTORY_POSTGRES };

enum history_access {
    HISTORY_READ, /* what is not there is an error */
    HISTORY_WRITE /* what is not there is made */
};

struct history_store {
    const struct history_store_ops *ops;
    enum history_dialect dialect;
};

struct history_store_ops {
    /*
     * Runs one statement, with $1, $2, … in the order of their first use; values: texts, NULL is SQL's;
     * the database makes numbers of those for columns of numbers. rows: gets an object by column for each
     * row; NULL: nobody wants them. Returns 0; -EBUSY: somebody else holds it; -EBADMSG: the file is damaged;
     * -EIO; -ENOMEM; reterr gets what the database says then, in one line.
     */
    int (*run)(struct history_store *store, const char *sql, const char *const *values,
               size_t count, json_t *rows, struct buf *reterr);
    /* Begins a transaction. Returns as run(). */
    int (*begin)(struct history_store *store, enum history_access wanted,
                 struct buf *reterr);
    /* Closes and releases it; what was not committed is undone. */
    void (*close)(struct history_store *store);
};

/* Ends a transaction: commits where r is 0, else undoes it. Returns r, or why it was not committed. */
int history_store_end(struct history_store *store, int r, struct buf *reterr);

/*
 * Adds rows to a table: objects whose members are columns; a column that a row lacks is NULL there. What is there
 * already stays as it is. Returns as run().
 */
struct history_table;
int history_store_add(struct history_store *store, const struct history_table *table,
                      const json_t *rows, struct buf *reterr);

/*
 * Opens a file; it is made where it is not there and wanted is HISTORY_WRITE. ret_note: gets a
 * sentence where a damaged one was set aside for it. Returns as run(), and -ENOENT; -EINVAL: it is of
 * something else.
 */
int history_sqlite_open(const struct history_place *place, enum history_access wanted,
                        struct buf *ret_note, struct buf *reterr,
                        struct history_store **ret_store);

/* Connects to a server. Returns as run(). */
int history_postgres_open(const struct history_place *place, struct buf *reterr,
                          struct history_store **ret_store);

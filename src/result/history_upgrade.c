#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/history_schema.h"

#define MAX_SQL_BYTES ((size_t)64 * 1024)

/* What a database calls a type. */
static const char *type_name(enum history_dialect dialect, enum history_type type)
{
    const bool is_server = dialect == HISTORY_POSTGRES;

    switch (type) {
    case HISTORY_TEXT:
        return "TEXT";
    case HISTORY_COUNT:
        return is_server ? "BIGINT" : "INTEGER";
    case HISTORY_NUMBER:
        return is_server ? "DOUBLE PRECISION" : "REAL";
    case HISTORY_MOMENT:
        return is_server ? "TIMESTAMPTZ" : "TEXT";
    }
    return NULL;
}

static bool is_in_key(const struct history_table *table, const char *column)
{
    const size_t len = strlen(column);

    for (const char *at = table->key; at; at = strchr(at, ',')) {
        at += strspn(at, ", ");
        if (strcspn(at, ",") == len && strncmp(at, column, len) == 0)
            return true;
    }
    return false;
}

static void say_column(const struct history_table *table,
                       const struct history_column *column, enum history_dialect dialect,
                       struct buf *sql)
{
    buf_printf(sql, "\"%s\" %s", column->name, type_name(dialect, column->type));
    if (is_in_key(table, column->name))
        buf_append_str(sql, " NOT NULL");
}

/* What belongs to a run goes with it; but a run that is a baseline stays. */
static void say_reference(const struct history_table *table, struct buf *sql)
{
    if (strcmp(table->key, "run_id") == 0)
        return;
    buf_printf(sql, ", FOREIGN KEY (run_id) REFERENCES run (run_id)%s",
               is_in_key(table, "run_id") ? " ON DELETE CASCADE" : "");
}

static int make_table(const struct history_table *table, struct history_store *store,
                      struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf sql = BUF_INIT(MAX_SQL_BYTES);

    buf_printf(&sql, "CREATE TABLE \"%s\" (", table->name);
    for (size_t i = 0; i < table->column_count; i++) {
        say_column(table, &table->columns[i], store->dialect, &sql);
        buf_append_str(&sql, ", ");
    }
    buf_printf(&sql, "PRIMARY KEY (%s)", table->key);
    say_reference(table, &sql);
    buf_append_str(&sql, store->dialect == HISTORY_SQLITE ? ") STRICT" : ")");
    if (buf_error(&sql) < 0)
        return buf_error(&sql);
    return store->ops->run(store, buf_str(&sql), NULL, 0, NULL, reterr);
}

static int add_columns(const struct history_table *table, uint32_t from,
                       struct history_store *store, struct buf *reterr)
{
    int r = 0;

    for (size_t i = 0; i < table->column_count && r == 0; i++) {
        CLEANUP(buf_deinit) struct buf sql = BUF_INIT(MAX_SQL_BYTES);

        if (table->columns[i].since <= from)
            continue;
        buf_printf(&sql, "ALTER TABLE \"%s\" ADD COLUMN ", table->name);
        say_column(table, &table->columns[i], store->dialect, &sql);
        r = buf_error(&sql);
        if (r == 0)
            r = store->ops->run(store, buf_str(&sql), NULL, 0, NULL, reterr);
    }
    return r;
}

/* On a server others may have built on a view, so that it cannot be dropped. */
static int make_view(const struct history_view *view, struct history_store *store,
                     struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf sql = BUF_INIT(MAX_SQL_BYTES);
    int r = 0;

    if (store->dialect == HISTORY_SQLITE) {
        buf_printf(&sql, "DROP VIEW IF EXISTS %s", view->name);
        r = store->ops->run(store, buf_str(&sql), NULL, 0, NULL, reterr);
        buf_clear(&sql);
    }
    buf_printf(&sql, "CREATE %s %s AS %s",
               store->dialect == HISTORY_SQLITE ? "VIEW" : "OR REPLACE VIEW", view->name,
               view->query);
    if (r == 0)
        r = buf_error(&sql);
    return r < 0 ? r : store->ops->run(store, buf_str(&sql), NULL, 0, NULL, reterr);
}

/* What there is before any table. */
static int begin_empty(struct history_store *store, struct buf *reterr)
{
    static const char *const first[] = {
        /* 'thrn', which history_sqlite.c looks for. */
        [HISTORY_SQLITE] = "PRAGMA application_id = 1953002094",
        [HISTORY_POSTGRES] = "CREATE SCHEMA IF NOT EXISTS throng",
    };
    int r = store->ops->run(store, first[store->dialect], NULL, 0, NULL, reterr);

    if (r == 0)
        r = store->ops->run(store,
                            "CREATE TABLE schema_version (version INTEGER NOT NULL)",
                            NULL, 0, NULL, reterr);
    if (r == 0)
        r = store->ops->run(store, "INSERT INTO schema_version VALUES (0)", NULL, 0, NULL,
                            reterr);
    return r;
}

static int upgrade(const struct history_schema *schema, uint32_t from,
                   struct history_store *store, struct buf *reterr)
{
    char version[64];
    int r = from == 0 ? begin_empty(store, reterr) : 0;

    for (size_t i = 0; i < schema->table_count && r == 0; i++) {
        const struct history_table *table = &schema->tables[i];

        r = table->since > from ? make_table(table, store, reterr)
                                : add_columns(table, from, store, reterr);
    }
    if (r == 0)
        r = store->ops->run(
            store,
            "CREATE INDEX IF NOT EXISTS run_of_scenario ON run (scenario, started_at)",
            NULL, 0, NULL, reterr);
    for (size_t i = 0; i < schema->view_count && r == 0; i++)
        r = make_view(&schema->views[i], store, reterr);
    (void)snprintf(version, sizeof(version),
                   "UPDATE schema_version SET version = %" PRIu32, schema->version);
    return r < 0 ? r : store->ops->run(store, version, NULL, 0, NULL, reterr);
}

/* The one number that a query gives; 0: it gives none. */
static int ask(struct history_store *store, const char *sql, json_int_t *ret_number,
               struct buf *reterr)
{
    json_t *rows = json_array();
    int r = rows ? store->ops->run(store, sql, NULL, 0, rows, reterr) : -ENOMEM;

    *ret_number = 0;
    if (r == 0)
        *ret_number = json_integer_value(
            json_object_iter_value(json_object_iter(json_array_get(rows, 0))));
    json_decref(rows);
    return r;
}

static int read_version(struct history_store *store, json_int_t *ret_version,
                        struct buf *reterr)
{
    static const char *const is_there[] = {
        [HISTORY_SQLITE] =
            "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'",
        [HISTORY_POSTGRES] = "SELECT count(*) FROM pg_catalog.pg_tables WHERE "
                             "schemaname = 'throng' AND tablename = 'schema_version'",
    };
    json_int_t count = 0;
    int r = ask(store, is_there[store->dialect], &count, reterr);

    *ret_version = 0;
    if (r == 0 && count > 0)
        r = ask(store, "SELECT version FROM schema_version", ret_version, reterr);
    return r;
}

/* Of those who find it old at once, one upgrades it; SQLite's writers are alone anyway. */
static int wait_for_turn(struct history_store *store, struct buf *reterr)
{
    if (store->dialect == HISTORY_SQLITE)
        return 0;
    return store->ops->run(store, "SELECT pg_advisory_xact_lock(1953002094)", NULL, 0,
                           NULL, reterr);
}

static int look(const struct history_schema *schema, struct history_store *store,
                enum history_access wanted, bool *ret_old, struct buf *reterr)
{
    json_int_t version = 0;
    int r = read_version(store, &version, reterr);

    if (r == 0 && version > (json_int_t)schema->version) {
        buf_printf(reterr,
                   "a newer throng wrote it: its schema is version %" JSON_INTEGER_FORMAT
                   ", and this one knows %" PRIu32,
                   version, schema->version);
        r = -EPROTO;
    }
    if (r == 0 && version == 0 && wanted == HISTORY_READ)
        r = -ENOENT;
    *ret_old = version < (json_int_t)schema->version;
    return r;
}

int history_schema_upgrade(const struct history_schema *schema,
                           struct history_store *store, enum history_access wanted,
                           struct buf *reterr)
{
    bool is_old = false;
    json_int_t version = 0;
    int r = store->ops->begin(store, HISTORY_READ, reterr);

    if (r < 0)
        return r;
    r = history_store_end(store, look(schema, store, wanted, &is_old, reterr), reterr);
    if (r < 0 || !is_old)
        return r;
    r = store->ops->begin(store, HISTORY_WRITE, reterr);
    if (r < 0)
        return r;
    r = wait_for_turn(store, reterr);
    if (r == 0)
        r = read_version(store, &version, reterr);
    if (r == 0 && version < (json_int_t)schema->version)
        r = upgrade(schema, (uint32_t)version, store, reterr);
    return history_store_end(store, r, reterr);
}

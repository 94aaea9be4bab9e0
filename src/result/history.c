#include "result/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "result/history_base.h"
#include "result/history_record.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static enum history_access access_of(enum history_use use)
{
    return use == HISTORY_TO_WRITE ? HISTORY_WRITE : HISTORY_READ;
}

static int open_store(struct history *history, enum history_access wanted,
                      struct buf *ret_note, struct buf *reterr)
{
    int r = history->place.dialect == HISTORY_SQLITE
                ? history_sqlite_open(&history->place, wanted, ret_note, reterr,
                                      &history->store)
                : history_postgres_open(&history->place, reterr, &history->store);

    if (r == 0)
        r = history_schema_upgrade(history_schema(), history->store, wanted, reterr);
    if (r == -ENOENT) {
        buf_clear(reterr);
        buf_append_str(reterr, "there is no history yet; each `throng run` adds to it");
    }
    return r;
}

int history_open(const char *place, enum history_use use, struct buf *ret_note,
                 struct buf *reterr, struct history **ret_history)
{
    CLEANUP(buf_deinit) struct buf note = BUF_INIT(MAX_TEXT_BYTES);
    struct history *history = calloc(1, sizeof(*history));
    int r = -ENOMEM;

    if (!history)
        return -ENOMEM;
    r = history_place_init(&history->place, place, reterr);
    if (r < 0) {
        free(history);
        return r;
    }
    r = open_store(history, access_of(use), ret_note ? ret_note : &note, reterr);
    if (r < 0)
        history_close(history);
    else
        *ret_history = history;
    return r;
}

struct history *history_close(struct history *history)
{
    if (!history)
        return NULL;
    if (history->store)
        history->store->ops->close(history->store);
    history_place_deinit(&history->place);
    free(history);
    return NULL;
}

const char *history_name(const struct history *history)
{
    return buf_str(&history->place.name);
}

int history_check_place(const char *place, struct buf *reterr)
{
    struct history_place read;
    const int r = history_place_init(&read, place, reterr);

    if (r == 0)
        history_place_deinit(&read);
    return r;
}

void history_say_place(const char *place, struct buf *out)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    struct history_place read;

    if (history_place_init(&read, place, &why) < 0)
        return;
    buf_append_printable(out, buf_str(&read.name), read.name.len);
    history_place_deinit(&read);
}

int history_begin(struct history *history, enum history_access wanted, struct buf *reterr)
{
    return history->store->ops->begin(history->store, wanted, reterr);
}

int history_end(struct history *history, int r, struct buf *reterr)
{
    return history_store_end(history->store, r, reterr);
}

int history_ask(struct history *history, const char *sql, const char *const *values,
                size_t count, json_t **ret_rows, struct buf *reterr)
{
    json_t *rows = json_array();
    int r =
        rows ? history->store->ops->run(history->store, sql, values, count, rows, reterr)
             : -ENOMEM;

    if (r < 0)
        json_decref(rows);
    else
        *ret_rows = rows;
    return r;
}

/* Whether the run that has this id is this one, and not another of the same name. */
static int compare_with_known(struct history *history, const struct run_files *run,
                              struct buf *reterr)
{
    const char *id = run_files_id(run);
    const char *started = json_string_value(
        json_object_get(json_object_get(run->summary, "run"), "started_at"));
    const char *known;
    json_t *rows = NULL;
    int r = history_ask(history, "SELECT started_at FROM run WHERE run_id = $1", &id, 1,
                        &rows, reterr);

    if (r < 0)
        return r;
    known = json_string_value(json_object_get(json_array_get(rows, 0), "started_at"));
    if (started && known && strcmp(started, known) != 0) {
        buf_printf(reterr, "it has another run named %s, which began at %s", id, known);
        r = -EEXIST;
    }
    json_decref(rows);
    return r;
}

/* The run's own row decides: who adds it adds all. */
static int add_run(struct history *history, const json_t *record, bool *ret_added,
                   struct buf *reterr)
{
    const struct history_table *table = history_schema_table(history_schema(), "run");
    const json_t *row = json_array_get(json_object_get(record, "run"), 0);
    const char *id = json_string_value(json_object_get(row, "run_id"));
    json_t *rows = NULL;
    int r = history_ask(history, "SELECT run_id FROM run WHERE run_id = $1", &id, 1,
                        &rows, reterr);

    if (r < 0)
        return r;
    *ret_added = json_array_size(rows) == 0;
    json_decref(rows);
    return *ret_added ? history_store_add(history->store, table,
                                          json_object_get(record, "run"), reterr)
                      : 0;
}

static int add_record(struct history *history, const json_t *record, bool *ret_added,
                      struct buf *reterr)
{
    const struct history_schema *schema = history_schema();
    int r = add_run(history, record, ret_added, reterr);

    for (size_t i = 0; i < schema->table_count && r == 0 && *ret_added; i++)
        if (strcmp(schema->tables[i].name, "run") != 0)
            r = history_store_add(history->store, &schema->tables[i],
                                  json_object_get(record, schema->tables[i].name),
                                  reterr);
    return r;
}

int history_add(struct history *history, const struct run_files *run,
                const struct history_origin *origin, bool *ret_added, struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *record = NULL;
    char now[32];
    int r;

    clock_format_wall(clock_wall_ns(), now);
    if (!*run_files_id(run)) {
        buf_append_str(reterr, "the summary has no run.id");
        return -EINVAL;
    }
    r = history_record_make(history_schema(), run, origin, now, &record);
    if (r < 0 && r != -ENOMEM)
        buf_printf(reterr, "histograms.hlog cannot be read: %s", strerror(-r));
    if (r == 0)
        r = history_begin(history, HISTORY_WRITE, reterr);
    if (r < 0)
        return r;
    r = add_record(history, record, ret_added, reterr);
    if (r == 0 && !*ret_added)
        r = compare_with_known(history, run, reterr);
    return history_end(history, r, reterr);
}

#include <errno.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "result/history_base.h"
#include "result/history_query.h"

static int set(struct history *history, const char *name, const char *run_id,
               struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *rows = NULL;
    const char *values[4];
    char now[32];
    int r = history_ask(history, "SELECT scenario FROM run WHERE run_id = $1", &run_id, 1,
                        &rows, reterr);

    if (r < 0)
        return r;
    if (json_array_size(rows) == 0)
        return -ENODATA;
    clock_format_wall(clock_wall_ns(), now);
    values[0] = json_string_value(json_object_get(json_array_get(rows, 0), "scenario"));
    values[1] = name;
    values[2] = run_id;
    values[3] = now;
    return history->store->ops->run(
        history->store,
        "INSERT INTO baseline (scenario, name, run_id, set_at) VALUES ($1, $2, $3, $4) "
        "ON "
        "CONFLICT (scenario, name) DO UPDATE SET run_id = excluded.run_id, set_at = "
        "excluded.set_at",
        values, COUNT_OF(values), NULL, reterr);
}

int history_set_baseline(struct history *history, const char *name, const char *run_id,
                         struct buf *reterr)
{
    const int r = history_begin(history, HISTORY_WRITE, reterr);

    return r < 0 ? r : history_end(history, set(history, name, run_id, reterr), reterr);
}

static void say_which(struct history_query *query, const char *scenario, const char *name)
{
    if (scenario) {
        query_say(query, " WHERE scenario = ");
        query_value(query, scenario);
    }
    if (name) {
        query_say(query, scenario ? " AND name = " : " WHERE name = ");
        query_value(query, name);
    }
}

int history_baselines(struct history *history, const char *scenario, const char *name,
                      json_t **ret_baselines, struct buf *reterr)
{
    CLEANUP(query_deinit) struct history_query query;
    const int r = query_init(&query);

    query_say(&query, "SELECT * FROM baselines");
    say_which(&query, scenario, name);
    query_say(&query, " ORDER BY scenario, set_at, name");
    return r < 0 ? r : query_ask(&query, history, ret_baselines, reterr);
}

int history_remove_baseline(struct history *history, const char *scenario,
                            const char *name, struct buf *reterr)
{
    CLEANUP(query_deinit) struct history_query query;
    CLEANUP(json_decrefp) json_t *rows = NULL;
    int r = query_init(&query);

    query_say(&query, "DELETE FROM baseline");
    say_which(&query, scenario, name);
    query_say(&query, " RETURNING name");
    if (r == 0)
        r = query.error < 0 ? query.error : buf_error(&query.sql);
    if (r == 0)
        r = history_begin(history, HISTORY_WRITE, reterr);
    if (r < 0)
        return r;
    r = history_ask(history, buf_str(&query.sql), (const char *const *)query.values,
                    query.count, &rows, reterr);
    if (r == 0 && json_array_size(rows) == 0)
        r = -ENODATA;
    return history_end(history, r, reterr);
}

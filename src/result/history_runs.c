#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "result/history_base.h"
#include "result/history_query.h"
#include "result/hlog_tag.h"

#define MAX_LINES_BYTES ((size_t)256 << 20)

/* A metric of all beside a row of runs. */
#define OF_ALL(alias, metric)                                                            \
    " LEFT JOIN metric " alias " ON " alias ".run_id = r.run_id AND " alias              \
    ".dimension = '' AND " alias ".metric = '" metric "'"

/* A bound's column is called so: "p95_above". */
#define ABOVE "_above"

static json_t *names_of_run(const json_t *baselines, const char *run_id)
{
    json_t *names = json_array();

    for (size_t i = 0; i < json_array_size(baselines); i++) {
        const json_t *one = json_array_get(baselines, i);
        const char *id = json_string_value(json_object_get(one, "run_id"));

        if (id && strcmp(id, run_id) == 0)
            (void)json_array_append(names, json_object_get(one, "name"));
    }
    return names;
}

/* Says of each row what baselines its run is. */
static int add_baselines(struct history *history, json_t *rows, struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *baselines = NULL;
    int r = history_baselines(history, NULL, NULL, &baselines, reterr);

    for (size_t i = 0; r == 0 && i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        const char *id = json_string_value(json_object_get(row, "run_id"));

        if (json_object_set_new(row, "baselines", names_of_run(baselines, id ? id : "")) <
            0)
            r = -ENOMEM;
    }
    return r;
}

/* Takes rows that were asked for: gives them out with their baselines, or releases them. */
static int give(struct history *history, json_t *rows, json_t **ret_rows,
                struct buf *reterr)
{
    const int r = add_baselines(history, rows, reterr);

    if (r < 0)
        json_decref(rows);
    else
        *ret_rows = rows;
    return r;
}

int history_list(struct history *history, const struct history_filter *filter,
                 json_t **ret_runs, struct buf *reterr)
{
    CLEANUP(query_deinit) struct history_query query;
    json_t *rows = NULL;
    int r = query_init(&query);

    query_say(&query, "SELECT r.*, a.p95 AS ttft_p95, a.p95_above AS ttft_p95_above, "
                      "e.p95 AS e2e_p95, e.p95_above AS e2e_p95_above FROM runs r" OF_ALL(
                          "a", "ttft") OF_ALL("e", "e2e"));
    query_filter(&query, filter, "r");
    if (r == 0)
        r = query_ask(&query, history, &rows, reterr);
    return r < 0 ? r : give(history, rows, ret_runs, reterr);
}

static const char *text_of(const json_t *row, const char *name)
{
    const char *text = json_string_value(json_object_get(row, name));

    return text ? text : "";
}

/* The rows as lines of a histograms.hlog. */
static int say_lines(const json_t *rows, struct buf *lines)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *dimension = text_of(row, "dimension");

        hlog_tag_write(lines, text_of(row, "metric"),
                       strcmp(text_of(row, "kind"), "interval") == 0 ? ":interval" : "",
                       *dimension ? dimension : NULL, text_of(row, "value"));
        buf_printf(lines, ",%.3f,%.3f,0,%s\n",
                   json_number_value(json_object_get(row, "start_s")),
                   json_number_value(json_object_get(row, "length_s")),
                   text_of(row, "hdr"));
    }
    return buf_error(lines);
}

static int find_histograms(struct history *history, const char *run_id, char **ret_lines,
                           struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *rows = NULL;
    struct buf lines = BUF_INIT(MAX_LINES_BYTES);
    int r = history_ask(history, "SELECT * FROM histogram WHERE run_id = $1 ORDER BY n",
                        &run_id, 1, &rows, reterr);

    if (r == 0)
        r = say_lines(rows, &lines);
    if (r == 0 && lines.len > 0)
        *ret_lines = buf_take(&lines);
    buf_deinit(&lines);
    return r;
}

static int find(struct history *history, const char *run_id, struct run_files *run,
                struct buf *reterr)
{
    CLEANUP(json_decrefp) json_t *rows = NULL;
    int r = history_ask(
        history, "SELECT body FROM document WHERE run_id = $1 AND name = 'summary.json'",
        &run_id, 1, &rows, reterr);

    if (r < 0)
        return r;
    if (json_array_size(rows) == 0)
        return -ENODATA;
    run->summary = json_loads(text_of(json_array_get(rows, 0), "body"), 0, NULL);
    if (!run->summary) {
        buf_printf(reterr, "the summary of %s is damaged", run_id);
        return -EBADMSG;
    }
    return find_histograms(history, run_id, &run->histograms, reterr);
}

int history_find(struct history *history, const char *run_id, struct run_files *ret_run,
                 struct buf *reterr)
{
    struct run_files run = {0};
    int r = history_begin(history, HISTORY_READ, reterr);

    if (r < 0)
        return r;
    r = history_end(history, find(history, run_id, &run, reterr), reterr);
    if (r < 0)
        run_files_close(&run);
    else
        *ret_run = run;
    return r;
}

/* Whether a name is that of a column with numbers. */
static bool has_column(const char *table, const char *name)
{
    const struct history_table *found = history_schema_table(history_schema(), table);

    for (size_t i = 0; i < found->column_count; i++)
        if (strcmp(found->columns[i].name, name) == 0)
            return found->columns[i].type == HISTORY_COUNT ||
                   found->columns[i].type == HISTORY_NUMBER;
    return false;
}

/* What a count is counted in; "" for a number of things. */
static const char *unit_of_total(const char *name)
{
    static const struct {
        const char *end;
        const char *unit;
    } units[] = {
        {"_rate", "fraction"}, {"_share", "fraction"}, {"tokens_per_second", "tokens/s"},
        {"_per_second", "/s"}, {"goodput", "/s"},      {"_usd", "USD"},
        {"_tokens", "tokens"}};
    const size_t len = strlen(name);

    for (size_t i = 0; i < COUNT_OF(units); i++) {
        const size_t end = strlen(units[i].end);

        if (len >= end && strcmp(name + len - end, units[i].end) == 0)
            return units[i].unit;
    }
    return "";
}

/* "NULL" where the aggregate can be no bound. */
static void say_bound(struct history_query *query, const char *aggregate)
{
    char bound[64];

    (void)snprintf(bound, sizeof(bound), "%s" ABOVE, aggregate);
    if (has_column("metric", bound))
        query_say(query, "s.\"%s\" AS above", bound);
    else
        query_say(query, "NULL AS above");
}

/* Names of columns are looked up before: nothing of what is asked gets into the text. */
static int say_series(struct history_query *query, const struct history_series *series,
                      struct buf *reterr)
{
    query_say(query, "SELECT r.run_id, r.scenario, r.started_at, r.fingerprint, "
                     "r.exit_code, r.trust, r.git_sha, r.version, ");
    if (has_column("total", series->metric)) {
        query_say(query,
                  "s.\"%s\" AS value, NULL AS above, '%s' AS unit FROM run r LEFT JOIN "
                  "total s ON s.run_id = r.run_id",
                  series->metric, unit_of_total(series->metric));
    } else {
        if (!has_column("metric", series->aggregate)) {
            buf_printf(
                reterr,
                "'%s' is no figure of a metric; take one such as p50, p90, p95, p99, "
                "mean, max, rate or count",
                series->aggregate);
            return -EINVAL;
        }
        query_say(query, "s.\"%s\" AS value, ", series->aggregate);
        say_bound(query, series->aggregate);
        query_say(query,
                  ", s.unit FROM run r LEFT JOIN metric s ON s.run_id = r.run_id AND "
                  "s.metric = ");
        query_value(query, series->metric);
    }
    query_say(query, " AND s.dimension = ");
    query_value(query, series->dimension);
    query_say(query, " AND s.value = ");
    query_value(query, series->value);
    return 0;
}

/* Newest first as they come, oldest first as they are followed. */
static json_t *reversed(json_t *rows)
{
    json_t *turned = json_array();

    for (size_t i = json_array_size(rows); turned && i > 0; i--)
        if (json_array_append(turned, json_array_get(rows, i - 1)) < 0) {
            json_decref(turned);
            return NULL;
        }
    return turned;
}

int history_trend(struct history *history, const struct history_filter *filter,
                  const struct history_series *series, json_t **ret_points,
                  struct buf *reterr)
{
    CLEANUP(query_deinit) struct history_query query;
    CLEANUP(json_decrefp) json_t *rows = NULL;
    json_t *points;
    int r = query_init(&query);

    if (r == 0)
        r = say_series(&query, series, reterr);
    query_filter(&query, filter, "r");
    if (r == 0)
        r = query_ask(&query, history, &rows, reterr);
    if (r < 0)
        return r;
    points = reversed(rows);
    return points ? give(history, points, ret_points, reterr) : -ENOMEM;
}

int history_remove(struct history *history, const json_t *run_ids, struct buf *reterr)
{
    int r = history_begin(history, HISTORY_WRITE, reterr);

    if (r < 0)
        return r;
    for (size_t i = 0; i < json_array_size(run_ids) && r == 0; i++) {
        const char *id = json_string_value(json_array_get(run_ids, i));

        r = history->store->ops->run(
            history->store,
            "DELETE FROM run WHERE run_id = $1 AND NOT EXISTS (SELECT 1 FROM baseline b "
            "WHERE b.run_id = run.run_id)",
            &id, 1, NULL, reterr);
    }
    r = history_end(history, r, reterr);
    if (r == 0 &&
        history->store->dialect == HISTORY_SQLITE) { /* a server does it itself */
        CLEANUP(buf_deinit) struct buf ignored = BUF_INIT(1024);

        (void)history->store->ops->run(history->store, "VACUUM", NULL, 0, NULL, &ignored);
    }
    return r;
}

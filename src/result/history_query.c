#include "result/history_query.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/history_base.h"

#define MAX_SQL_BYTES ((size_t)256 * 1024)

int query_init(struct history_query *query)
{
    *query =
        (struct history_query){.sql = BUF_INIT(MAX_SQL_BYTES),
                               .values = (char **)calloc(QUERY_VALUES, sizeof(char *))};
    if (!query->values)
        query->error = -ENOMEM;
    return query->error;
}

void query_deinit(struct history_query *query)
{
    for (size_t i = 0; i < query->count; i++)
        free(query->values[i]);
    free((void *)query->values);
    buf_deinit(&query->sql);
}

void query_say(struct history_query *query, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)buf_vprintf(&query->sql, format, args);
    va_end(args);
}

void query_value(struct history_query *query, const char *value)
{
    if (query->error < 0)
        return;
    if (query->count == QUERY_VALUES) {
        query->error = -EINVAL;
        return;
    }
    query->values[query->count] = strdup(value);
    if (!query->values[query->count])
        query->error = -ENOMEM;
    else
        buf_printf(&query->sql, "$%zu", ++query->count);
}

/* "key=value", or a key that any value will do for. */
static void say_tag(struct history_query *query, const char *tag, const char *run)
{
    const size_t len = strcspn(tag, "=");
    char *key = strndup(tag, len);

    query_say(query,
              "EXISTS (SELECT 1 FROM tag g WHERE g.run_id = %s.run_id AND g.key = ", run);
    query_value(query, key ? key : "");
    if (tag[len] == '=') {
        query_say(query, " AND g.value = ");
        query_value(query, tag + len + 1);
    }
    query_say(query, ")");
    if (!key)
        query->error = -ENOMEM;
    free(key);
}

void query_filter(struct history_query *query, const struct history_filter *filter,
                  const char *run)
{
    const char *next = " WHERE ";

    if (filter->scenario) {
        query_say(query, "%s%s.scenario = ", next, run);
        query_value(query, filter->scenario);
        next = " AND ";
    }
    if (filter->before) {
        query_say(query, "%s%s.started_at < ", next, run);
        query_value(query, filter->before);
        next = " AND ";
    }
    if (filter->without_baselines) {
        query_say(query,
                  "%sNOT EXISTS (SELECT 1 FROM baseline b WHERE b.run_id = %s.run_id)",
                  next, run);
        next = " AND ";
    }
    for (size_t i = 0; i < filter->tag_count; i++) {
        query_say(query, "%s", next);
        say_tag(query, filter->tags[i], run);
        next = " AND ";
    }
    query_say(query, " ORDER BY %s.started_at DESC, %s.run_id DESC", run, run);
    if (filter->last > 0)
        query_say(query, " LIMIT %" PRIu64, filter->last);
}

int query_ask(struct history_query *query, struct history *history, json_t **ret_rows,
              struct buf *reterr)
{
    int r = query->error < 0 ? query->error : buf_error(&query->sql);

    if (r == -EINVAL)
        buf_append_str(reterr,
                       "more is asked for at once than it takes: ask for fewer tags");
    if (r == 0)
        r = history_begin(history, HISTORY_READ, reterr);
    if (r < 0)
        return r;
    r = history_ask(history, buf_str(&query->sql), (const char *const *)query->values,
                    query->count, ret_rows, reterr);
    return history_end(history, r, reterr);
}

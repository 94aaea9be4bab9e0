#include "result/history_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/history_schema.h"

#define MAX_SQL_BYTES ((size_t)1 << 20)
#define MAX_TEXT_BYTES ((size_t)256 << 20)
/* SQLite takes 32,766 at most, PostgreSQL 65,535; a statement saves the way to a server. */
#define VALUES_AT_ONCE 8000

int history_store_end(struct history_store *store, int r, struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf ignored = BUF_INIT(1024);

    if (r == 0)
        return store->ops->run(store, "COMMIT", NULL, 0, NULL, reterr);
    (void)store->ops->run(store, "ROLLBACK", NULL, 0, NULL, &ignored);
    return r;
}

/* The values of a statement, as texts in one buffer. */
struct values {
    struct buf text;
    size_t *starts; /* into text; SIZE_MAX: NULL */
    const char **pointers;
    size_t count;
};

static void values_deinit(struct values *values)
{
    buf_deinit(&values->text);
    free(values->starts);
    free((void *)values->pointers);
}

static int values_init(struct values *values)
{
    *values = (struct values){.text = BUF_INIT(MAX_TEXT_BYTES),
                              .starts = calloc(VALUES_AT_ONCE, sizeof(size_t)),
                              .pointers =
                                  (const char **)calloc(VALUES_AT_ONCE, sizeof(char *))};
    return values->starts && values->pointers ? 0 : -ENOMEM;
}

static void add_value(struct values *values, const json_t *value)
{
    size_t *start = &values->starts[values->count++];

    *start = values->text.len;
    if (json_is_string(value))
        buf_append_str(&values->text, json_string_value(value));
    else if (json_is_integer(value))
        buf_printf(&values->text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        buf_printf(&values->text, "%.17g", json_real_value(value));
    else if (json_is_boolean(value))
        buf_append_char(&values->text, json_is_true(value) ? '1' : '0');
    else
        *start = SIZE_MAX;
    buf_append_char(&values->text, '\0');
}

static void say_insert(const struct history_table *table, size_t rows, struct buf *sql)
{
    size_t value = 0;

    buf_printf(sql, "INSERT INTO \"%s\" (", table->name);
    for (size_t i = 0; i < table->column_count; i++)
        buf_printf(sql, "%s\"%s\"", i == 0 ? "" : ", ", table->columns[i].name);
    buf_append_str(sql, ") VALUES ");
    for (size_t row = 0; row < rows; row++) {
        buf_append_str(sql, row == 0 ? "(" : ", (");
        for (size_t i = 0; i < table->column_count; i++)
            buf_printf(sql, "%s$%zu", i == 0 ? "" : ", ", ++value);
        buf_append_char(sql, ')');
    }
    buf_append_str(sql, " ON CONFLICT DO NOTHING");
}

static int send(struct history_store *store, const struct history_table *table,
                struct values *values, struct buf *reterr)
{
    CLEANUP(buf_deinit) struct buf sql = BUF_INIT(MAX_SQL_BYTES);
    const char *text = buf_str(&values->text);
    int r;

    if (values->count == 0)
        return 0;
    say_insert(table, values->count / table->column_count, &sql);
    r = buf_error(&sql) < 0 ? buf_error(&sql) : buf_error(&values->text);
    for (size_t i = 0; i < values->count; i++)
        values->pointers[i] =
            values->starts[i] == SIZE_MAX ? NULL : text + values->starts[i];
    if (r == 0)
        r = store->ops->run(store, buf_str(&sql), values->pointers, values->count, NULL,
                            reterr);
    buf_clear(&values->text);
    values->count = 0;
    return r;
}

int history_store_add(struct history_store *store, const struct history_table *table,
                      const json_t *rows, struct buf *reterr)
{
    struct values values;
    int r = values_init(&values);

    for (size_t row = 0; row < json_array_size(rows) && r == 0; row++) {
        for (size_t i = 0; i < table->column_count; i++)
            add_value(&values,
                      json_object_get(json_array_get(rows, row), table->columns[i].name));
        if (values.count + table->column_count > VALUES_AT_ONCE)
            r = send(store, table, &values, reterr);
    }
    if (r == 0)
        r = send(store, table, &values, reterr);
    values_deinit(&values);
    return r;
}

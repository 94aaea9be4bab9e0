/*
 *   test_result_history_schema PAGE            compares the end of the page with what the tables say
 *   test_result_history_schema PAGE --update   writes it
 *
 * And how a database of an older version comes to a newer one.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "result/history_place.h"
#include "result/history_schema.h"

#define MAX_PAGE_BYTES ((size_t)1 << 20)
#define BEGIN "## Views\n"

struct page {
    const char *path;
    bool update;
};

static char *text_of(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = calloc(1, MAX_PAGE_BYTES);

    assert_non_null(file);
    assert_non_null(text);
    (void)!fread(text, 1, MAX_PAGE_BYTES - 1, file);
    fclose(file);
    return text;
}

static void the_page_is_what_the_tables_say(void **state)
{
    const struct page *page = *state;
    struct buf made = BUF_INIT(MAX_PAGE_BYTES);
    char *text = text_of(page->path);
    char *end = strstr(text, BEGIN);

    assert_non_null(end);
    assert_int_equal(history_schema_page(history_schema(), &made), 0);
    if (page->update) {
        FILE *file = fopen(page->path, "we");

        assert_non_null(file);
        fprintf(file, "%.*s%s", (int)(end - text), text, buf_str(&made));
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(end, buf_str(&made)) != 0) {
        fail_msg("%s is out of date; run test_result_history_schema with it and --update",
                 page->path);
    }
    free(text);
    buf_deinit(&made);
}

/* A schema of two versions: the second brings a column, a table and a view that has the column. */
static const struct history_column runs_before[] = {
    {"run_id", NULL, "", HISTORY_TEXT, 1},
    {"scenario", NULL, "", HISTORY_TEXT, 1},
    {"started_at", NULL, "", HISTORY_MOMENT, 1},
};

static const struct history_column runs_after[] = {
    {"run_id", NULL, "", HISTORY_TEXT, 1},
    {"scenario", NULL, "", HISTORY_TEXT, 1},
    {"started_at", NULL, "", HISTORY_MOMENT, 1},
    {"mood", NULL, "", HISTORY_TEXT, 2},
};

static const struct history_column birds[] = {
    {"run_id", NULL, "", HISTORY_TEXT, 2},
    {"name", NULL, "", HISTORY_TEXT, 2},
    {"count", NULL, "", HISTORY_COUNT, 2},
};

static const struct history_table tables_before[] = {
    {"run", "run_id", runs_before, 3, 1, ""}};
static const struct history_table tables_after[] = {
    {"run", "run_id", runs_after, 4, 1, ""}, {"bird", "run_id, name", birds, 3, 2, ""}};
static const struct history_view views_before[] = {{"runs", "SELECT r.* FROM run r", ""}};
static const struct history_view views_after[] = {{"runs", "SELECT r.* FROM run r", ""}};
static const struct history_schema before = {1, tables_before, 1, views_before, 1};
static const struct history_schema after = {2, tables_after, 2, views_after, 1};

static struct history_store *open_file(const char *path, struct buf *why)
{
    struct history_place place;
    struct history_store *store = NULL;

    assert_int_equal(history_place_init(&place, path, why), 0);
    if (history_sqlite_open(&place, HISTORY_WRITE, why, why, &store) < 0)
        fail_msg("%s", buf_str(why));
    history_place_deinit(&place);
    return store;
}

static void upgrade(const struct history_schema *schema, struct history_store *store,
                    struct buf *why)
{
    if (history_schema_upgrade(schema, store, HISTORY_WRITE, why) < 0)
        fail_msg("%s", buf_str(why));
}

static json_t *ask(struct history_store *store, const char *sql, struct buf *why)
{
    json_t *rows = json_array();

    if (store->ops->run(store, sql, NULL, 0, rows, why) < 0)
        fail_msg("%s", buf_str(why));
    return rows;
}

static void an_older_one_keeps_what_it_has_and_gets_what_is_new(void **state)
{
    char path[] = "/tmp/throng-schema-XXXXXX";
    struct buf why = BUF_INIT(4096);
    struct history_store *store;
    json_t *rows;

    (void)state;
    close(mkstemp(path));
    store = open_file(path, &why);
    upgrade(&before, store, &why);
    json_decref(ask(store, "INSERT INTO run VALUES ('r1', 's', '2026')", &why));
    store->ops->close(store);

    store = open_file(path, &why);
    upgrade(&after, store, &why);
    json_decref(ask(store, "INSERT INTO bird VALUES ('r1', 'owl', '3')", &why));
    rows =
        ask(store, "SELECT r.*, b.count FROM runs r JOIN bird b ON b.run_id = r.run_id",
            &why);
    json_t *expected =
        json_loads("[{\"run_id\": \"r1\", \"scenario\": \"s\", "
                   "\"started_at\": \"2026\", \"mood\": null, \"count\": 3}]",
                   0, NULL);

    assert_true(json_equal(rows, expected));
    json_decref(expected);
    json_decref(rows);
    upgrade(&after, store, &why); /* once more: nothing is left to do */
    assert_int_equal(history_schema_upgrade(&before, store, HISTORY_WRITE, &why),
                     -EPROTO);
    store->ops->close(store);
    unlink(path);
    buf_deinit(&why);
}

/* A table whose column says what no database takes. */
static void one_that_breaks_off_stays_at_its_version(void **state)
{
    static const struct history_table broken[] = {
        {"run", "run_id", runs_after, 4, 1, ""},
        {"bird", "run_id, nothing", birds, 3, 2, ""}};
    static const struct history_schema bad = {2, broken, 2, views_after, 1};
    char path[] = "/tmp/throng-schema-XXXXXX";
    struct buf why = BUF_INIT(4096);
    struct history_store *store;
    json_t *rows;

    (void)state;
    close(mkstemp(path));
    store = open_file(path, &why);
    upgrade(&before, store, &why);
    assert_int_equal(history_schema_upgrade(&bad, store, HISTORY_WRITE, &why), -EIO);
    rows = ask(store, "SELECT version FROM schema_version", &why);
    assert_int_equal(
        json_integer_value(json_object_get(json_array_get(rows, 0), "version")), 1);
    json_decref(rows);
    buf_clear(&why);
    upgrade(&after, store, &why);
    store->ops->close(store);
    unlink(path);
    buf_deinit(&why);
}

int main(int argc, char **argv)
{
    struct page page = {.path = argc > 1 ? argv[1] : "",
                        .update = argc > 2 && strcmp(argv[2], "--update") == 0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_page_is_what_the_tables_say, &page),
        cmocka_unit_test(an_older_one_keeps_what_it_has_and_gets_what_is_new),
        cmocka_unit_test(one_that_breaks_off_stays_at_its_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

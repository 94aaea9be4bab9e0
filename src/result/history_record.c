#include "result/history_record.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "result/history.h"
#include "result/history_schema.h"
#include "result/hlog_blocks.h"
#include "result/json_tree.h"
#include "result/run_files.h"

/* Values of these have rows; of others, such as users, there may be thousands. */
static const char *const dimensions[] = {"model", "org_id", "step",   "class",
                                         "phase", "arm",    "target", "region"};

/* Histograms of these are kept by value too; those of the others are those of all. */
static const char *const kept_by[] = {"model", "org_id", "step", "class", "phase", "arm"};

struct record {
    const struct history_schema *schema;
    const struct run_files *run;
    const char *run_id;
    struct json_tree tree;
    json_t *root;
};

static bool is_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The member at "above/p95", NULL where it is not there. Borrowed. */
static json_t *member_at(const json_t *object, const char *path)
{
    for (const char *slash; (slash = strchr(path, '/')); path = slash + 1)
        object = json_object_getn(object, path, (size_t)(slash - path));
    return json_object_get(object, path);
}

static bool is_value(const json_t *member)
{
    return member && !json_is_null(member) && !json_is_object(member) &&
           !json_is_array(member);
}

/* Begins a row of a table with the members of an object that its columns name. Borrowed. */
static json_t *add_row(struct record *record, const char *name, const json_t *from)
{
    const struct history_table *table = history_schema_table(record->schema, name);
    json_t *rows = json_object_get(record->root, name);
    json_t *row = json_tree_object(&record->tree);

    if (!rows) {
        rows = json_tree_array(&record->tree);
        json_tree_put(&record->tree, record->root, name, rows);
    }
    json_tree_append(&record->tree, rows, row);
    if (record->tree.error < 0)
        return NULL;
    json_tree_put_text(&record->tree, row, "run_id", record->run_id);
    for (size_t i = 0; i < table->column_count; i++) {
        const struct history_column *column = &table->columns[i];
        json_t *member = column->member ? member_at(from, column->member) : NULL;

        if (is_value(member))
            json_tree_put(&record->tree, row, column->name, json_incref(member));
    }
    return row;
}

static void put_text(struct record *record, json_t *row, const char *name,
                     const char *text)
{
    if (row && text && *text)
        json_tree_put_text(&record->tree, row, name, text);
}

static const char *text_at(const json_t *object, const char *path)
{
    return json_string_value(member_at(object, path));
}

/* A fact that the machine knows, else one that a tag of the run says. */
static void put_fact(struct record *record, json_t *row, const char *name,
                     const char *known)
{
    const json_t *tags = member_at(record->run->summary, "run/tags");

    put_text(record, row, name, known ? known : text_at(tags, name));
}

static void add_run(struct record *record, const struct history_origin *origin,
                    const char *added_at)
{
    const json_t *summary = record->run->summary;
    const json_t *targets = json_object_get(summary, "targets");
    json_t *row = add_row(record, "run", summary);

    if (!row)
        return;
    json_tree_put_count(&record->tree, row, "workers",
                        json_array_size(json_object_get(summary, "workers")));
    put_text(record, row, "target", text_at(json_array_get(targets, 0), "url"));
    put_fact(record, row, "environment", origin->environment);
    put_fact(record, row, "git_sha", origin->git_sha);
    put_fact(record, row, "git_branch", origin->git_branch);
    put_fact(record, row, "ci_url", origin->ci_url);
    put_text(record, row, "added_at", added_at);
}

static void add_tags(struct record *record)
{
    json_t *tags = member_at(record->run->summary, "run/tags");
    const char *key;
    json_t *value;

    json_object_foreach(tags, key, value)
    {
        json_t *row = add_row(record, "tag", NULL);

        put_text(record, row, "key", key);
        put_text(record, row, "value", json_string_value(value));
    }
}

static void put_dimension(struct record *record, json_t *row, const char *key,
                          const char *value)
{
    json_tree_put_text(&record->tree, row, "dimension", key);
    json_tree_put_text(&record->tree, row, "value", value);
}

/* The counts of a part, and its metrics. */
static void add_part(struct record *record, const json_t *counts, json_t *metrics,
                     const char *key, const char *value)
{
    json_t *row = add_row(record, "total", counts);
    const char *name;
    json_t *metric;

    put_dimension(record, row, key, value);
    json_object_foreach(metrics, name, metric)
    {
        row = add_row(record, "metric", metric);
        put_dimension(record, row, key, value);
        put_text(record, row, "metric", name);
    }
}

static void add_parts(struct record *record)
{
    const json_t *summary = record->run->summary;
    const json_t *by = json_object_get(summary, "by");

    add_part(record, json_object_get(summary, "totals"),
             json_object_get(summary, "metrics"), "", "");
    for (size_t i = 0; i < COUNT_OF(dimensions); i++) {
        json_t *values = json_object_get(by, dimensions[i]);
        const char *value;
        json_t *part;

        json_object_foreach(values, value, part) add_part(
            record, part, json_object_get(part, "metrics"), dimensions[i], value);
    }
}

/* A list of the summary; is_numbered: rows are told apart by their place in it. */
static void add_list(struct record *record, const char *table, const char *member,
                     bool is_numbered)
{
    const json_t *list = json_object_get(record->run->summary, member);

    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *row = add_row(record, table, json_array_get(list, i));

        if (row && is_numbered)
            json_tree_put_count(&record->tree, row, "n", i);
    }
}

static void add_document(struct record *record)
{
    json_t *row = add_row(record, "document", NULL);
    char *text = json_dumps(record->run->summary, JSON_COMPACT | JSON_REAL_PRECISION(15));

    if (!text)
        record->tree.error = -ENOMEM;
    put_text(record, row, "name", "summary.json");
    put_text(record, row, "body", text);
    free(text);
}

static int add_histogram(void *ctx, const struct hlog_line *line)
{
    struct record *record = ctx;
    json_t *row;

    if (line->kind == HLOG_RUN ||
        (line->key && !is_in(kept_by, COUNT_OF(kept_by), line->key)))
        return 0;
    row = add_row(record, "histogram", NULL);
    if (!row)
        return record->tree.error;
    json_tree_put_count(&record->tree, row, "n",
                        json_array_size(json_object_get(record->root, "histogram")) - 1);
    put_text(record, row, "kind", line->kind == HLOG_WINDOW ? "window" : "interval");
    put_dimension(record, row, line->key ? line->key : "", line->key ? line->value : "");
    put_text(record, row, "metric", line->metric);
    json_tree_put_number(&record->tree, row, "start_s", line->start_s, 3);
    json_tree_put_number(&record->tree, row, "length_s", line->length_s, 3);
    put_text(record, row, "hdr", line->encoded);
    return record->tree.error;
}

int history_record_make(const struct history_schema *schema, const struct run_files *run,
                        const struct history_origin *origin, const char *added_at,
                        json_t **ret_record)
{
    struct record record = {.schema = schema, .run = run, .run_id = run_files_id(run)};
    json_t *root = NULL;
    int r;

    record.root = json_tree_object(&record.tree);
    add_run(&record, origin, added_at);
    add_tags(&record);
    add_parts(&record);
    add_list(&record, "threshold", "thresholds", true);
    add_list(&record, "verdict", "verdicts", true);
    add_list(&record, "error", "errors", false);
    add_document(&record);
    r = hlog_blocks_each(run, HLOG_BLOCKS_OF_COMPARISON, add_histogram, &record);
    if (json_tree_finish(&record.tree, record.root, &root) < 0)
        return -ENOMEM;
    if (r < 0 && r != -ENOENT) {
        json_decref(root);
        return r;
    }
    *ret_record = root;
    return 0;
}

#include "result/baseline_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "result/hlog_blocks.h"
#include "result/hlog_tag.h"
#include "result/json_tree.h"
#include "result/run_files.h"
#include "result/summary.h"

#define MAX_LINES_BYTES ((size_t)64 << 20)

/* What no comparison reads, and what grows with the number of users. */
static const char *const left_out[] = {"users",   "network", "stream",        "client",
                                       "backend", "spikes",  "conversations", "platform",
                                       "reloads", "replay",  "custom",        "checks"};

/* Values of these are compared; of the others there may be thousands. */
static const char *const dimensions[] = {"model", "org_id", "step", "class", "arm"};

/* Counts of a point of the timeline, and what is per second in it. */
static const char *const counts[] = {"requests",  "failed",   "completion_tokens",
                                     "cost_pusd", "arrivals", "dropped_iterations"};
static const char *const rates[] = {"requests_per_second", "goodput"};

/* A day has thousands of points; of these many, each is a small part of a block that is compared. */
#define MOST_POINTS 640

static const char *const latencies[] = {"ttft", "icl", "tpot",
                                        "tps",  "e2e", "operation_duration"};

static bool is_in(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* A copy of an object that shares these of its members. */
static json_t *pick(struct json_tree *tree, const json_t *object,
                    const char *const *names, size_t count)
{
    json_t *picked = json_tree_object(tree);

    for (size_t i = 0; i < count; i++) {
        json_t *member = json_object_get(object, names[i]);

        if (member && !json_is_null(member))
            json_tree_put(tree, picked, names[i], json_incref(member));
    }
    return picked;
}

static double length_of(const json_t *point)
{
    return json_number_value(json_object_get(point, "end_s")) -
           json_number_value(json_object_get(point, "start_s"));
}

/* Adds up a count of so many points; nothing where they do not have it. */
static void put_sum(struct json_tree *tree, json_t *merged, const char *name,
                    const json_t *points, size_t first, size_t end)
{
    json_int_t sum = 0;

    for (size_t i = first; i < end; i++)
        sum += json_integer_value(json_object_get(json_array_get(points, i), name));
    if (json_is_integer(json_object_get(json_array_get(points, first), name)))
        json_tree_put(tree, merged, name, json_integer(sum));
}

/* The same of a rate, which counts by how long its point is. */
static void put_rate(struct json_tree *tree, json_t *merged, const char *name,
                     const json_t *points, size_t first, size_t end)
{
    double sum = 0;
    double length_s = 0;

    for (size_t i = first; i < end; i++) {
        const json_t *point = json_array_get(points, i);

        sum += json_number_value(json_object_get(point, name)) * length_of(point);
        length_s += length_of(point);
    }
    if (json_is_number(json_object_get(json_array_get(points, first), name)) &&
        length_s > 0)
        json_tree_put_number(tree, merged, name, sum / length_s, 3);
}

static json_t *merge_points(struct json_tree *tree, const json_t *points, size_t first,
                            size_t end)
{
    json_t *merged = json_tree_object(tree);
    json_t *start_s = json_object_get(json_array_get(points, first), "start_s");
    json_t *end_s = json_object_get(json_array_get(points, end - 1), "end_s");

    if (start_s)
        json_tree_put(tree, merged, "start_s", json_incref(start_s));
    if (end_s)
        json_tree_put(tree, merged, "end_s", json_incref(end_s));
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        put_sum(tree, merged, counts[i], points, first, end);
    for (size_t i = 0; i < COUNT_OF(rates); i++)
        put_rate(tree, merged, rates[i], points, first, end);
    return merged;
}

static json_t *thin_timeline(struct json_tree *tree, const json_t *timeline)
{
    const json_t *points = json_object_get(timeline, "points");
    const size_t count = json_array_size(points);
    const size_t at_once = (count + MOST_POINTS - 1) / MOST_POINTS;
    json_t *thin = json_tree_array(tree);
    json_t *object = json_tree_object(tree);

    for (size_t i = 0; i < count; i += at_once)
        json_tree_append(
            tree, thin,
            merge_points(tree, points, i, i + at_once < count ? i + at_once : count));
    json_tree_put_number(
        tree, object, "step_s",
        json_number_value(json_object_get(timeline, "step_s")) * (double)at_once, 3);
    json_tree_put(tree, object, "points", thin);
    return object;
}

/* How far it can be trusted, of all that is known of the client. */
static json_t *thin_client(struct json_tree *tree, const json_t *client)
{
    static const char *const kept[] = {"trust", "reasons"};

    return pick(tree, client, kept, COUNT_OF(kept));
}

static json_t *thin(struct json_tree *tree, json_t *summary)
{
    json_t *object = json_tree_object(tree);
    const char *name;
    json_t *member;

    json_object_foreach(summary, name, member)
    {
        if (strcmp(name, "client") == 0)
            json_tree_put(tree, object, name, thin_client(tree, member));
        else if (strcmp(name, "timeline") == 0)
            json_tree_put(tree, object, name, thin_timeline(tree, member));
        else if (strcmp(name, "by") == 0)
            json_tree_put(tree, object, name,
                          pick(tree, member, dimensions, COUNT_OF(dimensions)));
        else if (!is_in(left_out, COUNT_OF(left_out), name))
            json_tree_put(tree, object, name, json_incref(member));
    }
    return object;
}

struct lines {
    struct json_tree *tree;
    json_t *array;
};

static int keep_line(void *ctx, const struct hlog_line *line)
{
    static const char *const kinds[] = {
        [HLOG_WINDOW] = "", [HLOG_INTERVAL] = ":interval"};
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(MAX_LINES_BYTES);
    struct lines *lines = ctx;

    if (line->kind == HLOG_RUN || !is_in(latencies, COUNT_OF(latencies), line->metric) ||
        (line->key && !is_in(dimensions, COUNT_OF(dimensions), line->key)))
        return 0;
    hlog_tag_write(&text, line->metric, kinds[line->kind], line->key, line->value);
    buf_printf(&text, ",%.3f,%.3f,0,%s", line->start_s, line->length_s, line->encoded);
    if (buf_error(&text) < 0)
        return buf_error(&text);
    json_tree_append(lines->tree, lines->array, json_string(buf_str(&text)));
    return lines->tree->error;
}

int baseline_file_write(const struct run_files *run, const char *name, struct buf *out)
{
    CLEANUP(json_decrefp) json_t *root = NULL;
    struct json_tree tree = {0};
    struct lines lines = {.tree = &tree, .array = json_tree_array(&tree)};
    json_t *made = json_tree_object(&tree);
    char *text;
    int r;

    json_tree_put_text(&tree, made, "schema", BASELINE_SCHEMA);
    json_tree_put_text(&tree, made, "name", name);
    json_tree_put(&tree, made, "summary", thin(&tree, run->summary));
    r = hlog_blocks_each(run, HLOG_BLOCKS_OF_COMPARISON, keep_line, &lines);
    json_tree_put(&tree, made, "histograms", lines.array);
    if (json_tree_finish(&tree, made, &root) < 0)
        return -ENOMEM;
    if (r < 0 && r != -ENOENT)
        return r;
    text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
    if (!text)
        return -ENOMEM;
    buf_append_str(out, text);
    free(text);
    return buf_append_char(out, '\n');
}

int baseline_file_read(const json_t *document, struct run_files *ret_run)
{
    json_t *summary = json_object_get(document, "summary");
    const json_t *list = json_object_get(document, "histograms");
    struct buf lines = BUF_INIT(MAX_LINES_BYTES);
    const char *schema = json_string_value(json_object_get(summary, "schema"));

    if (!schema || strcmp(schema, SUMMARY_SCHEMA) != 0 || !json_is_array(list))
        return -EINVAL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *line = json_string_value(json_array_get(list, i));

        if (line)
            buf_printf(&lines, "%s\n", line);
    }
    if (buf_error(&lines) < 0) {
        buf_deinit(&lines);
        return -ENOMEM;
    }
    *ret_run = (struct run_files){.summary = json_incref(summary),
                                  .histograms = buf_take(&lines)};
    return 0;
}

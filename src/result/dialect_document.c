/* A story as the tool's own file has it: places are told by the rows' paths. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "result/dialect_answer.h"
#include "result/dialect_table.h"
#include "result/json_tree.h"

#define PART_BYTES 128
#define DECIMALS 9

static void put_value(struct json_tree *tree, json_t *object, const char *key,
                      double value, bool is_whole)
{
    if (is_whole && isfinite(value))
        json_tree_put(tree, object, key, json_integer((json_int_t)llround(value)));
    else
        json_tree_put_number(tree, object, key, value, DECIMALS);
}

/* The object that holds the last part of the path; those on the way are made. Borrowed. */
static json_t *place(struct json_tree *tree, json_t *document, const char *path,
                     const char **ret_last)
{
    char part[PART_BYTES];
    const char *slash = strchr(path, '/');
    json_t *at = document;

    for (; slash; path = slash + 1, slash = strchr(path, '/')) {
        json_t *inside;

        (void)snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
        inside = json_object_get(at, part);
        at = inside ? inside : json_tree_put_object(tree, at, part);
    }
    *ret_last = path;
    return at;
}

/* A member for each statistic, whose name stands in place of the star. */
static void put_flat(struct json_tree *tree, json_t *object, const char *key,
                     const struct dialect_story *story,
                     const struct dialect_figure *figure)
{
    const char *star = strchr(key, '*');
    char name[PART_BYTES];

    for (size_t i = 0; i < story->statistic_count; i++) {
        (void)snprintf(name, sizeof(name), "%.*s%s%s", (int)(star - key), key,
                       story->statistics[i].name, star + 1);
        put_value(tree, object, name, figure->values[i], false);
    }
}

static void put_statistics(struct json_tree *tree, json_t *object,
                           const struct dialect_story *story,
                           const struct dialect_figure *figure)
{
    for (size_t i = 0; i < story->statistic_count; i++) {
        const char *last = NULL;
        json_t *at = place(tree, object, story->statistics[i].name, &last);

        put_value(tree, at, last, figure->values[i],
                  story->statistics[i].measure == DIALECT_COUNT);
    }
}

static bool has_any(const struct dialect_story *story,
                    const struct dialect_figure *figure)
{
    for (size_t i = 0; i < story->statistic_count; i++)
        if (story->statistics[i].measure != DIALECT_COUNT && isfinite(figure->values[i]))
            return true;
    return false;
}

static void put_figure(struct json_tree *tree, json_t *document,
                       const struct dialect *dialect, const struct dialect_row *row,
                       const struct dialect_story *story,
                       const struct dialect_figure *figure)
{
    const char *last = NULL;
    json_t *at = place(tree, document, row->path, &last);
    json_t *object;

    if (strchr(last, '*')) {
        put_flat(tree, at, last, story, figure);
    } else if (figure->is_one && !dialect->one_member) {
        put_value(tree, at, last, figure->values[0], row->is_whole);
    } else if (!figure->is_one && !has_any(story, figure)) {
        json_tree_put_null(tree, at, last);
    } else {
        object = json_tree_put_object(tree, at, last);
        if (dialect->one_member)
            json_tree_put_text(tree, object, "unit", figure->unit);
        if (figure->is_one)
            put_value(tree, object, dialect->one_member, figure->values[0],
                      row->is_whole);
        else
            put_statistics(tree, object, story, figure);
    }
}

/* Beside what the tool's file has: whose figures these are, and why some are null. */
static void put_lacks(struct json_tree *tree, json_t *document,
                      const struct dialect_view *view, const struct dialect_story *story)
{
    json_t *own = json_tree_put_object(tree, document, "throng");
    json_t *lacks = NULL;
    json_t *notes = NULL;

    json_tree_put_text(tree, own, "dialect", view->dialect->name);
    json_tree_put_text(tree, own, "tool", view->dialect->tool);
    json_tree_put_text(tree, own, "run", dialect_run_text(view->summary, "id"));
    notes = json_tree_array(tree);
    for (size_t i = 0; i < story->note_count; i++)
        json_tree_append(tree, notes, json_string(story->notes[i]));
    json_tree_put(tree, own, "notes", notes);
    lacks = json_tree_put_object(tree, own, "lacks");
    for (size_t i = 0; i < story->figure_count; i++)
        if (story->figures[i].lack)
            json_tree_put_text(tree, lacks, story->figures[i].name,
                               story->figures[i].lack);
}

int dialect_document(const struct dialect_view *view, const struct dialect_story *story,
                     json_t **ret_document)
{
    const struct dialect *dialect = view->dialect;
    struct json_tree tree = {0};
    json_t *document = json_tree_object(&tree);

    if (dialect->begin)
        dialect->begin(&tree, document, view);
    for (size_t i = 0; i < dialect->row_count; i++)
        put_figure(&tree, document, dialect, &dialect->rows[i], story,
                   &story->figures[i]);
    put_lacks(&tree, document, view, story);
    return json_tree_finish(&tree, document, ret_document);
}

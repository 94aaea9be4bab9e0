#include "scenario/outline.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "config/node.h"

#define MAX_PATH_BYTES ((size_t)16 * 1024)

/* So many changes are told one by one. */
#define TOLD_CHANGES 12

struct line {
    const char *path;
    const char *written; /* of what may change alone: no key can be in it; else "" */
    uint64_t hash;       /* of what it stands for */
    struct diag_place place;
};

struct outline {
    struct arena *arena;
    struct line *lines; /* by path */
    size_t count;
    size_t cap;
};

struct writer {
    struct outline *outline;
    struct buf path;
    int error;
};

/* FNV-1a, 64 bits (draft-eastlake-fnv). Whoever compares two files of his own fools nobody. */
static uint64_t hash_of(const char *text, uint64_t hash)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static void add_line(struct writer *writer, const struct config_node *node,
                     const char *text, const char *written)
{
    struct outline *outline = writer->outline;
    const char *path = arena_copy(outline->arena, buf_str(&writer->path));
    const char *kept = path && outline_may_change(path) ? written : "";
    struct line *line;

    if (outline->count == outline->cap) {
        const size_t cap = outline->cap ? outline->cap * 2 : 64;
        struct line *lines = reallocarray(outline->lines, cap, sizeof(*lines));

        if (!lines) {
            writer->error = -ENOMEM;
            return;
        }
        outline->lines = lines;
        outline->cap = cap;
    }
    line = &outline->lines[outline->count++];
    *line = (struct line){
        .path = path,
        .written = arena_copy(outline->arena, kept),
        .hash = hash_of(text, UINT64_C(0xcbf29ce484222325) ^ (unsigned)node->kind ^
                                  (node->quoted ? 0x100U : 0U)),
        .place = node->place,
    };
    line->place.file =
        arena_copy(outline->arena, node->place.file ? node->place.file : "");
    if (!line->path || !line->written || !line->place.file)
        writer->error = -ENOMEM;
}

static void add_node(struct writer *writer, const struct config_node *node);

/* A value of a map or list, below what was written of the path so far. */
// NOLINTNEXTLINE(misc-no-recursion): as add_node
static void add_below(struct writer *writer, const char *key,
                      const struct config_node *value)
{
    const size_t len = writer->path.len;

    if (len > 0)
        (void)buf_append_char(&writer->path, '.');
    if (buf_append_str(&writer->path, key) < 0)
        writer->error = buf_error(&writer->path);
    else
        add_node(writer, value);
    writer->path.len = len;
    if (len > 0)
        writer->path.bytes[len] = '\0';
}

/* What is not taken from it does not matter. */
static bool is_beside(const struct writer *writer, const char *key)
{
    return writer->path.len == 0 &&
           (strcmp(key, "environments") == 0 || strcmp(key, "env") == 0 ||
            strcmp(key, "include") == 0);
}

// NOLINTNEXTLINE(misc-no-recursion): a tree is no higher than CONFIG_MAX_HEIGHT
static void add_node(struct writer *writer, const struct config_node *node)
{
    char index[24];
    struct buf number = BUF_INIT(sizeof(index));

    if (node->kind == CONFIG_SCALAR || node->count == 0) {
        add_line(writer, node, node->text ? node->text : "",
                 node->written ? node->written : "");
        return;
    }
    for (size_t i = 0; i < node->count && writer->error == 0; i++) {
        if (node->kind == CONFIG_MAP) {
            if (!is_beside(writer, node->entries[i].key->text))
                add_below(writer, node->entries[i].key->text, node->entries[i].value);
            continue;
        }
        buf_clear(&number);
        if (buf_printf(&number, "%zu", i) < 0)
            writer->error = -ENOMEM;
        else
            add_below(writer, buf_str(&number), node->items[i]);
    }
    buf_deinit(&number);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->path, ((const struct line *)b)->path);
}

DEFINE_CLEANUP(struct outline, outline_free)

int outline_new(const struct config_node *root, struct outline **ret_outline)
{
    CLEANUP(outline_freep) struct outline *outline = calloc(1, sizeof(*outline));
    struct writer writer = {.outline = outline, .path = BUF_INIT(MAX_PATH_BYTES)};

    if (!outline || arena_new(&outline->arena) < 0)
        return -ENOMEM;
    add_node(&writer, root);
    buf_deinit(&writer.path);
    if (writer.error < 0)
        return -ENOMEM;
    qsort(outline->lines, outline->count, sizeof(*outline->lines), by_path);
    *ret_outline = TAKE(outline);
    return 0;
}

struct outline *outline_free(struct outline *outline)
{
    if (!outline)
        return NULL;
    free(outline->lines);
    arena_free(outline->arena);
    free(outline);
    return NULL;
}

/* Takes the next part off a path; "" at its end. */
static struct part {
    const char *text;
    size_t len;
} next_part(const char **path)
{
    const struct part part = {.text = *path, .len = strcspn(*path, ".")};

    *path += part.len;
    *path += **path == '.';
    return part;
}

static bool is(struct part part, const char *word)
{
    return part.len == strlen(word) && memcmp(part.text, word, part.len) == 0;
}

static bool is_index(struct part part)
{
    return part.len > 0 && strspn(part.text, "0123456789") >= part.len;
}

/* Whether what follows a list of steps in a path leads to a pause: "1.steps.0.think.base". */
static bool leads_to_think(const char *path)
{
    for (;;) {
        struct part part = next_part(&path);

        if (!is_index(part))
            return false;
        part = next_part(&path);
        if (is(part, "think"))
            return true;
        if (is(part, "pick")) {
            if (!is_index(next_part(&path)))
                return false;
            part = next_part(&path);
        }
        if (!is(part, "steps") && !is(part, "else"))
            return false;
    }
}

bool outline_may_change(const char *path)
{
    struct part part = next_part(&path);

    if (is(part, "load") || is(part, "arrivals") || is(part, "limits") ||
        is(part, "thresholds"))
        return true;
    if (is(part, "flows")) {
        (void)next_part(&path);
        return leads_to_think(path);
    }
    if (!is(part, "users"))
        return false;
    (void)next_part(&path); /* the class; names hold no dot that would matter here */
    part = next_part(&path);
    return is(part, "think_time") || (is(part, "flow") && leads_to_think(path));
}

struct comparing {
    struct diag_list *diags;
    struct buf *said;
    struct outline_changes changes;
    int error;
};

/* One value that differs; NULL: it is not there. */
static void differ(struct comparing *comparing, const struct line *before,
                   const struct line *after)
{
    const struct line *one = after ? after : before;
    struct buf *said = comparing->said;

    assert(one);
    if (!outline_may_change(one->path)) {
        comparing->changes.refused++;
        if (diag_add(comparing->diags, one->place,
                     "only load, limits, thresholds and think times may",
                     after ? "'%s' cannot change while the run goes on"
                           : "'%s' was here: it cannot go while the run goes on",
                     one->path) == -ENOMEM)
            comparing->error = -ENOMEM;
        return;
    }
    if (++comparing->changes.allowed > TOLD_CHANGES)
        return;
    (void)buf_append_str(said, said->len > 0 ? "; " : "");
    (void)buf_printf(said, "%s: ", one->path);
    if (before && after)
        (void)buf_printf(said, "%s → %s", before->written, after->written);
    else
        (void)buf_printf(said, after ? "new, %s" : "gone, %s", one->written);
}

int outline_compare(const struct outline *before, const struct outline *after,
                    struct diag_list *reterr_diags, struct buf *said,
                    struct outline_changes *ret_changes)
{
    struct comparing comparing = {.diags = reterr_diags, .said = said};
    size_t i = 0;
    size_t j = 0;

    while (i < before->count || j < after->count) {
        const struct line *old = i < before->count ? &before->lines[i] : NULL;
        const struct line *new = j < after->count ? &after->lines[j] : NULL;
        const int order = !old ? 1 : !new ? -1 : strcmp(old->path, new->path);

        if (order < 0)
            differ(&comparing, old, NULL);
        else if (order > 0)
            differ(&comparing, NULL, new);
        else if (old->hash != new->hash)
            differ(&comparing, old, new);
        i += order <= 0;
        j += order >= 0;
    }
    if (comparing.changes.allowed > TOLD_CHANGES)
        (void)buf_printf(said, "; and %zu more",
                         comparing.changes.allowed - TOLD_CHANGES);
    *ret_changes = comparing.changes;
    return comparing.error < 0 ? comparing.error : buf_error(said);
}

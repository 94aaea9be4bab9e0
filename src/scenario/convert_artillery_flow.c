#include <string.h>

#include "base/cleanup.h"
#include "scenario/convert_artillery.h"

static const struct {
    const char *key;
    const char *method;
} methods[] = {
    {"get", "GET"},       {"post", "POST"}, {"put", "PUT"},         {"patch", "PATCH"},
    {"delete", "DELETE"}, {"head", "HEAD"}, {"options", "OPTIONS"},
};

/* Where the lines of a step go. */
struct place {
    struct artillery *artillery;
    enum draft_part part;
    unsigned level; /* of the step's own keys */
};

#define LINE(place, more, ...)                                                           \
    draft_line((place)->artillery->draft, (place)->part, (place)->level + (more),        \
               __VA_ARGS__)

#define NOTE(place, ...) draft_note((place)->artillery->draft, __VA_ARGS__)

static const char *quoted(const struct place *place, const char *text)
{
    return draft_text(place->artillery->draft, artillery_text(place->artillery, text),
                      false);
}

/* A part of a query string: ?key=value or &key=value. */
static const char *with_query(const struct place *place, const char *url,
                              const struct config_node *query)
{
    for (size_t i = 0; query && query->kind == CONFIG_MAP && i < query->count; i++) {
        const char *value = convert_text(query->entries[i].value);

        url = draft_printf(place->artillery->draft, "%s%c%s=%s", url,
                           strchr(url, '?') ? '&' : '?',
                           convert_text(query->entries[i].key), value ? value : "");
    }
    return url;
}

static const char *path_of(const struct place *place, const struct config_node *request)
{
    const char *target = place->artillery->target;
    const char *url = convert_text(config_find(request, "url"));

    if (!url)
        url = convert_text(config_find(request, "uri"));
    if (!url)
        url = convert_text(request) ? convert_text(request) : "/";
    if (target && strncmp(url, target, strlen(target)) == 0)
        url += strlen(target);
    if (strstr(url, "://")) {
        const char *host = strstr(url, "://") + 3;

        NOTE(place,
             "%s goes to the target: another one is named by `target` beside the step",
             url);
        url = host + strcspn(host, "/");
    }
    url = with_query(place, url, config_find(request, "qs"));
    return draft_printf(place->artillery->draft, "%s%s", *url == '/' ? "" : "/",
                        artillery_text(place->artillery, url));
}

/* Fields of a form; a file of one is a map with `fromFile`. */
static void write_fields(const struct place *place, const char *key,
                         const struct config_node *fields)
{
    if (fields->kind != CONFIG_MAP)
        return;
    LINE(place, 1, "%s:", key);
    for (size_t i = 0; i < fields->count; i++) {
        const struct config_node *value = fields->entries[i].value;
        const char *file = convert_text(config_find(value, "fromFile"));
        const char *name = draft_text(place->artillery->draft,
                                      convert_text(fields->entries[i].key), false);

        if (file)
            LINE(place, 2, "%s: {file: %s}", name,
                 draft_text(place->artillery->draft, file, true));
        else if (convert_text(value))
            LINE(place, 2, "%s: %s", name, quoted(place, convert_text(value)));
    }
}

/* A body, as a key beside `request`. */
static void write_body(const struct place *place, const struct config_node *request)
{
    const struct config_node *json = config_find(request, "json");
    const struct config_node *body = config_find(request, "body");
    const struct config_node *form = config_find(request, "form");
    const struct config_node *parts = config_find(request, "formData");
    struct draft *draft = place->artillery->draft;

    if (body && body->kind != CONFIG_SCALAR)
        json = body;
    if (json)
        LINE(place, 1, "json: %s",
             artillery_text(place->artillery, draft_value(draft, json)));
    else if (body)
        LINE(place, 1, "raw: %s", quoted(place, convert_text(body)));
    else if (form)
        write_fields(place, "form", form);
    else if (parts)
        write_fields(place, "multipart", parts);
}

static bool has_body(const struct config_node *request)
{
    static const char *const keys[] = {"json", "body", "form", "formData"};

    for (size_t i = 0; i < COUNT_OF(keys); i++)
        if (config_find(request, keys[i]))
            return true;
    return false;
}

/* Calls back for a map, or each map of a list. */
static void each(const struct place *place, const struct config_node *node,
                 void (*fn)(const struct place *place, const struct config_node *item))
{
    if (node && node->kind == CONFIG_MAP)
        fn(place, node);
    for (size_t i = 0; node && node->kind == CONFIG_LIST && i < node->count; i++)
        fn(place, node->items[i]);
}

static void write_capture(const struct place *place, const struct config_node *capture)
{
    const char *as = convert_text(config_find(capture, "as"));
    const char *json = convert_text(config_find(capture, "json"));
    const char *header = convert_text(config_find(capture, "header"));
    const char *pattern = convert_text(config_find(capture, "regexp"));
    struct draft *draft = place->artillery->draft;
    const char *path = json ? artillery_path(place->artillery, json) : NULL;

    if (!as)
        return;
    const char *name = draft_text(draft, as, false);

    if (path)
        LINE(place, 1, "%s: %s", name, draft_text(draft, path, false));
    else if (header)
        LINE(place, 1, "%s: {header: %s}", name, draft_text(draft, header, true));
    else if (pattern)
        LINE(place, 1, "%s: {regex: %s, group: %.0f}", name,
             draft_text(draft, pattern, true),
             convert_number(config_find(capture, "group"), 0));
    else
        LINE(place, 1, "%s: {jq: \"null\", default: \"\"}", name);
    if (!path && !header && !pattern)
        NOTE(place,
             "`%s` is captured by an expression without a counterpart: it is empty", as);
    if (path && strstr(path, "[]"))
        NOTE(place, "`%s` is the first of what %s finds", as, json);
}

/* One thing that is expected. */
static void write_expectation(const struct place *place, const char *key,
                              const struct config_node *value)
{
    struct draft *draft = place->artillery->draft;
    const char *text = convert_text(value);
    const char *path = text ? artillery_path(place->artillery, text) : NULL;

    if (strcmp(key, "statusCode") == 0)
        LINE(place, 1, "%s: {status: %s}",
             draft_text(draft,
                        draft_printf(draft, "status is %s", draft_value(draft, value)),
                        false),
             draft_value(draft, value));
    else if (path &&
             (strcmp(key, "hasProperty") == 0 || strcmp(key, "notHasProperty") == 0))
        LINE(
            place, 1, "%s: %s",
            draft_text(draft,
                       draft_printf(draft, "%s %s", *key == 'h' ? "has" : "has no", path),
                       false),
            draft_text(draft,
                       draft_printf(draft, "%s %s null", path, *key == 'h' ? "!=" : "=="),
                       false));
    else if (text && strcmp(key, "hasHeader") == 0)
        LINE(place, 1, "%s: {header: %s}",
             draft_text(draft, draft_printf(draft, "has header %s", text), false),
             draft_text(draft, text, true));
    else if (text && strcmp(key, "matchesRegexp") == 0)
        LINE(place, 1, "%s: {matches: %s}",
             draft_text(draft, draft_printf(draft, "matches %s", text), false),
             draft_text(draft, text, true));
    else
        NOTE(
            place,
            "the expectation `%s` has no counterpart: a check is jq, `status`, `header`, "
            "`contains`, `matches` or `latency`",
            key);
}

static void write_expectations(const struct place *place, const struct config_node *map)
{
    for (size_t i = 0; i < map->count; i++)
        write_expectation(place, convert_text(map->entries[i].key),
                          map->entries[i].value);
}

/* A heading with what is under it, left out where nothing comes. */
static void write_under(const struct place *place, const char *heading,
                        const struct config_node *node,
                        void (*fn)(const struct place *place,
                                   const struct config_node *item))
{
    struct buf *part = &place->artillery->draft->parts[place->part];
    const size_t before = part->len;

    if (!node)
        return;
    LINE(place, 0, "%s:", heading);
    const size_t empty = part->len;

    each(place, node, fn);
    if (part->len == empty)
        buf_erase(part, before, empty - before);
}

static void write_header(const struct place *place, const struct config_node *headers)
{
    for (size_t i = 0; i < headers->count; i++)
        if (convert_text(headers->entries[i].value))
            LINE(place, 1, "%s: %s",
                 draft_text(place->artillery->draft,
                            convert_text(headers->entries[i].key), false),
                 quoted(place, convert_text(headers->entries[i].value)));
}

/* `ifTrue`, as far as it is one variable. */
static void write_condition(const struct place *place, const char *condition)
{
    const bool negated = condition && *condition == '!';
    const char *name = condition ? condition + negated : "";

    if (!condition)
        return;
    if (!*name ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                          "_")]) {
        NOTE(place, "the condition `%s` is left out: as jq it stands under `when`",
             condition);
        return;
    }
    LINE(place, 0, "when: %s",
         draft_text(place->artillery->draft,
                    draft_printf(place->artillery->draft, ".%s%s",
                                 artillery_variable(place->artillery, name),
                                 negated ? " | not" : ""),
                    false));
}

static void write_request(const struct place *place, const char *method,
                          const struct config_node *request)
{
    static const char *const known[] = {
        "url", "uri",     "json",   "body", "form",   "formData", "headers",
        "qs",  "capture", "expect", "name", "ifTrue", "gzip",     NULL};
    struct draft *draft = place->artillery->draft;
    const char *name = convert_text(config_find(request, "name"));
    const char *line = draft_text(
        draft, draft_printf(draft, "%s %s", method, path_of(place, request)), false);

    if (has_body(request)) {
        draft_line(draft, place->part, place->level - 1, "- http:");
        LINE(place, 1, "request: %s", line);
        write_body(place, request);
    } else {
        draft_line(draft, place->part, place->level - 1, "- http: %s", line);
    }
    if (name)
        LINE(place, 0, "name: %s", draft_text(draft, name, false));
    write_condition(place, convert_text(config_find(request, "ifTrue")));
    write_under(place, "headers", config_find(request, "headers"), write_header);
    write_under(place, "check", config_find(request, "expect"), write_expectations);
    write_under(place, "extract", config_find(request, "capture"), write_capture);
    convert_note_others(draft, request, known,
                        draft_printf(draft, "%s: Artillery's", method));
}

/* `loop`: a list of steps with `count` beside it. */
// NOLINTNEXTLINE(misc-no-recursion): as high as the tree, at most CONFIG_MAX_HEIGHT
static void write_loop(const struct place *place, const struct config_node *step)
{
    const double count = convert_number(config_find(step, "count"), 0);

    if (count < 1)
        NOTE(place,
             "a loop without a number (`over`, `whileTrue`, or none) is done once");
    draft_line(place->artillery->draft, place->part, place->level - 1, "- repeat: %.0f",
               count < 1 ? 1 : count);
    LINE(place, 0, "steps:");
    artillery_write_flow(place->artillery, place->part, place->level + 1,
                         config_find(step, "loop"));
}

static void write_think(const struct place *place, const struct config_node *think)
{
    const double seconds = convert_seconds(think, 1, -1);

    if (seconds < 0)
        NOTE(place, "the pause `%s` is left out: it is no number",
             convert_text(think) ? convert_text(think) : "think");
    else if (seconds > 0)
        draft_line(place->artillery->draft, place->part, place->level - 1, "- think: %s",
                   draft_duration(place->artillery->draft, seconds));
}

// NOLINTNEXTLINE(misc-no-recursion): as write_loop()
static void write_step(const struct place *place, const struct config_node *step)
{
    for (size_t i = 0; i < COUNT_OF(methods); i++) {
        const struct config_node *request = config_find(step, methods[i].key);

        if (request) {
            write_request(place, methods[i].method, request);
            return;
        }
    }
    if (config_find(step, "think")) {
        write_think(place, config_find(step, "think"));
    } else if (config_find(step, "loop")) {
        write_loop(place, step);
    } else if (config_find(step, "parallel")) {
        NOTE(place, "what was sent in parallel is sent one after the other");
        artillery_write_flow(place->artillery, place->part, place->level - 1,
                             config_find(step, "parallel"));
    } else {
        NOTE(place, "the step `%s` has no counterpart",
             step->kind == CONFIG_MAP && step->count > 0
                 ? convert_text(step->entries[0].key)
             : convert_text(step) ? convert_text(step)
                                  : "?");
    }
}

// NOLINTNEXTLINE(misc-no-recursion): as write_loop()
void artillery_write_flow(struct artillery *artillery, enum draft_part part,
                          unsigned level, const struct config_node *flow)
{
    const struct place place = {artillery, part, level + 1};
    struct buf *out = &artillery->draft->parts[part];
    const size_t before = out->len;

    for (size_t i = 0; flow && flow->kind == CONFIG_LIST && i < flow->count; i++)
        write_step(&place, flow->items[i]);
    if (out->len == before) { /* none had a counterpart, and a flow is not empty */
        draft_note(artillery->draft,
                   "a flow without any step that could be carried over asks for "
                   "GET /");
        draft_line(artillery->draft, part, level, "- http: GET /");
    }
}

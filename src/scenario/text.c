#include "scenario/text.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "expr/query.h"
#include "expr/regex.h"
#include "expr/template.h"
#include "scenario/making.h"
#include "scenario/name.h"
#include "scenario/variable.h"

/*
 * Where byte `offset` of a text stands that is a scalar, or its end: to the column where that is one line,
 * written as it is; else where the scalar begins.
 */
static struct diag_place place_at(const struct config_node *node, const char *text,
                                  size_t offset)
{
    const size_t len = strlen(text);
    const size_t written_len = node->kind == CONFIG_SCALAR ? strlen(node->written) : 0;
    struct diag_place place = node->place;
    const char *at;

    if (written_len < len || node->from_env || strchr(node->written, '\n') ||
        strcmp(node->written + written_len - len, text) != 0 || offset > len)
        return place;
    place.column += node->quoted;
    place.width = 1;
    for (at = node->written; at < node->written + written_len - len + offset; at++)
        place.column += ((unsigned char)*at & 0xc0) != 0x80;
    return place;
}

/* Who knows what names stand for. */
struct namer {
    template_name_fn *names;
    void *ctx;
};

static int compile(struct making *making, const struct config_node *place,
                   const char *text, size_t len, enum template_form form,
                   const struct namer *namer, const struct template **ret_template)
{
    struct template_error error = {.offset = 0};
    int r;

    if (!template_is_one(text, len))
        return 0;
    r = template_compile(text, len, form, namer->names, namer->ctx, making->arena,
                         ret_template, &error);
    if (r != -EINVAL)
        return r;
    return making_noted(diag_add(making->diags, place_at(place, text, error.offset),
                                 error.hint, "%s", error.problem));
}

static int make_text(struct making *making, const struct config_node *place,
                     const char *text, enum template_form form, const struct namer *namer,
                     struct plan_text *ret_text)
{
    const size_t len = strlen(text);

    *ret_text = (struct plan_text){
        .text = arena_copy_bytes(making->arena, text, len),
        .len = len,
    };
    if (!ret_text->text)
        return -ENOMEM;
    return compile(making, place, text, len, form, namer, &ret_text->template);
}

int making_text(struct making *making, const struct config_node *place, const char *text,
                struct plan_text *ret_text)
{
    return making_text_of(making, place, text, name_resolve, making, ret_text);
}

int making_text_of(struct making *making, const struct config_node *place,
                   const char *text, template_name_fn *names, void *names_ctx,
                   struct plan_text *ret_text)
{
    const struct namer namer = {names, names_ctx};

    *ret_text = (struct plan_text){0};
    return text ? make_text(making, place, text, TEMPLATE_TEXT, &namer, ret_text) : 0;
}

int making_path(struct making *making, const struct config_node *place, const char *text,
                struct plan_text *ret_text)
{
    const struct namer namer = {name_resolve, making};

    return make_text(making, place, text, TEMPLATE_PATH, &namer, ret_text);
}

int making_json_text(struct making *making, const struct config_node *place,
                     const char *json, struct plan_text *ret_text)
{
    const struct namer namer = {name_resolve, making};

    return make_text(making, place, json, TEMPLATE_JSON, &namer, ret_text);
}

int making_json(struct making *making, const struct config_node *node, size_t max_bytes,
                struct plan_text *ret_text)
{
    struct buf json = BUF_INIT(max_bytes);
    int r = config_write_json(node, &json);

    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, node, NULL, "more than %zu bytes as JSON", max_bytes);
    else if (r == 0)
        r = making_json_text(making, node, buf_str(&json), ret_text);
    buf_deinit(&json);
    return r;
}

int making_pair_value(struct making *making, const struct config_node *value,
                      struct plan_pair *pair)
{
    const struct namer namer = {name_resolve, making};
    const char *text = value->text ? value->text : "";
    const int r = making_copy(making, text, &pair->value);

    return r < 0 ? r
                 : compile(making, value, text, strlen(text), TEMPLATE_TEXT, &namer,
                           &pair->template);
}

/* The number of a text among those that were seen; count: it is new. */
static uint32_t find(const struct growing *texts, const char *text)
{
    const char *const *items = (const char *const *)texts->items;
    uint32_t at = 0;

    while (at < texts->count && strcmp(items[at], text) != 0)
        at++;
    return at;
}

static int add(struct making *making, struct growing *texts, const char *text)
{
    const char **added = (const char **)growing_add(texts, making->arena, sizeof(*added));

    return added ? making_copy(making, text, added) : -ENOMEM;
}

int making_query(struct making *making, const struct config_node *place,
                 enum query_view view, const char *text, uint32_t *ret_query)
{
    struct query_error error = {.offset = 0};
    int r;

    *ret_query = PLAN_NONE;
    if (!text)
        return 0;
    *ret_query = find(&making->queries, text);
    if (*ret_query < making->queries.count)
        return query_view_check(making, place, view, text);
    r = query_check(text, &error);
    if (r == -EINVAL)
        return making_noted(diag_add(making->diags, place_at(place, text, error.offset),
                                     error.hint, "not a query in jq: %s", error.problem));
    if (r == 0)
        r = query_view_check(making, place, view, text);
    if (r == 0)
        r = variable_check_query(making, place, text);
    return r < 0 ? r : add(making, &making->queries, text);
}

int making_pattern(struct making *making, const struct config_node *place,
                   const char *text, uint32_t *ret_pattern, unsigned *ret_groups)
{
    struct regex_error error = {.offset = 0};
    struct regex *regex = NULL;
    int r = regex_new(text, &regex, &error);

    *ret_pattern = 0;
    *ret_groups = REGEX_GROUPS;
    if (r == -EINVAL)
        return making_noted(diag_add(making->diags, place_at(place, text, error.offset),
                                     "in YAML write patterns between single quotes",
                                     "not a pattern: %s", error.problem));
    if (r < 0)
        return r;
    *ret_groups = regex_groups(regex);
    regex_free(regex);
    *ret_pattern = find(&making->patterns, text);
    return *ret_pattern < making->patterns.count ? 0
                                                 : add(making, &making->patterns, text);
}

#include "expr/template.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "expr/template_tree.h"

bool template_is_one(const char *text, size_t len)
{
    return memmem(text, len, "{{", 2) != NULL;
}

static const struct template_use *find_use(const struct template_use *use,
                                           bool (*is_it)(const struct template_filter *))
{
    while (use && !is_it(use->filter))
        use = use->next;
    return use;
}

static void write_literal(const struct template_arguments *arguments, struct buf *out,
                          bool *ret_json)
{
    *ret_json = arguments->items[0].is_number;
    buf_append(out, arguments->items[0].text, arguments->items[0].len);
}

/*
 * What a name stands for. Where it has no value: what the filter `default` says, else nothing, or
 * null where JSON is wanted; *use is the first of the filters that are left.
 */
static int write_name(const struct template_expression *expression,
                      const struct template_scope *scope, struct buf *out, bool *ret_json,
                      const struct template_use **use)
{
    const size_t start = out->len;
    const int r = scope->write_name(scope->ctx, expression->ref, out, ret_json);

    if (r != -ENOENT)
        return r;
    const struct template_use *fallback = find_use(*use, template_filter_is_default);

    buf_erase(out, start, out->len - start);
    if (fallback) {
        write_literal(&fallback->arguments, out, ret_json);
        *use = fallback->next;
        return 0;
    }
    if (find_use(*use, template_filter_is_json))
        buf_append_str(out, "null");
    *use = NULL;
    return -ENOENT;
}

static void call_function(const struct template_expression *expression,
                          const struct template_scope *scope, struct buf *out,
                          bool *ret_json)
{
    const struct template_function *function = expression->function;

    if ((function->traits & TEMPLATE_TELLS_TIME) && scope->wall_ns == 0) {
        *ret_json = false;
        buf_append_str(out, "{{");
        buf_append_str(out, function->word.name);
        buf_append_str(out, "}}");
        return;
    }
    *ret_json = function->traits & TEMPLATE_IS_JSON;
    function->write(scope, &expression->arguments, out);
}

static int write_expression(const struct template_expression *expression,
                            const struct template_scope *scope, struct buf *out)
{
    const size_t start = out->len;
    const struct template_use *use = expression->uses;
    bool json = false;
    int r = 0;

    if (expression->function)
        call_function(expression, scope, out, &json);
    else if (expression->arguments.count > 0)
        write_literal(&expression->arguments, out, &json);
    else
        r = write_name(expression, scope, out, &json, &use);
    for (; use && r == 0 && !buf_error(out); use = use->next)
        use->filter->change(&use->arguments, out, start, &json);
    return r;
}

/* Whether what was written is a placeholder: only where there is no day. */
static bool is_placeholder(const struct template_scope *scope, const struct buf *out,
                           size_t start)
{
    const size_t len = out->len - start;

    return scope->wall_ns == 0 && len > 4 && memcmp(out->bytes + start, "{{", 2) == 0 &&
           memcmp(out->bytes + out->len - 2, "}}", 2) == 0;
}

int template_render(const struct template *template, const struct template_scope *scope,
                    struct buf *out, uint32_t *reterr_ref)
{
    bool is_whole = true;

    for (const struct template_part *part = template->parts; part; part = part->next) {
        const size_t start = out->len;

        if (!part->expression) {
            buf_append(out, part->text, part->len);
            continue;
        }
        const int r = write_expression(part->expression, scope, out);

        if (r < 0 && r != -ENOENT)
            return r;
        if (r == -ENOENT && is_whole) {
            *reterr_ref = part->expression->ref;
            is_whole = false;
        }
        if (part->encoded && !is_placeholder(scope, out, start))
            template_encode(out, start);
        if (part->escaped)
            template_escape(out, start);
    }
    return buf_error(out) || is_whole ? buf_error(out) : -ENOENT;
}

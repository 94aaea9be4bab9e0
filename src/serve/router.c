#include "serve/router.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/digits.h"

static const struct serve_route *entry_at(const struct serve_route *table, size_t stride,
                                          size_t index)
{
    return (const struct serve_route *)(const void *)((const char *)table +
                                                      stride * index);
}

/* Notes the path's segment that the pattern's {name} stands for. Returns its length, 0 when empty. */
static size_t take_param(const char *path, const char *end,
                         struct serve_route_match *match)
{
    const char *slash = memchr(path, '/', (size_t)(end - path));
    const size_t len = (size_t)((slash ? slash : end) - path);

    if (len > 0 && match->param_count < SERVE_ROUTE_PARAMS_MAX) {
        match->params[match->param_count].text = path;
        match->params[match->param_count].len = len;
        match->param_count++;
    }
    return len;
}

static bool matches(const char *pattern, const char *path, size_t len,
                    struct serve_route_match *match)
{
    const char *end = path + len;

    match->param_count = 0;
    while (*pattern) {
        if (*pattern == '{') {
            const size_t taken = take_param(path, end, match);

            if (taken == 0)
                return false;
            path += taken;
            pattern = strchr(pattern, '}') + 1;
        } else {
            if (path == end || *path != *pattern)
                return false;
            path++;
            pattern++;
        }
    }
    return path == end;
}

enum serve_route_result serve_route_find(const struct serve_route *table, size_t count,
                                         size_t stride, const char *method,
                                         const char *path, size_t len,
                                         struct serve_route_match *ret_match)
{
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    bool path_known = false;

    for (size_t i = 0; i < count; i++) {
        const struct serve_route *route = entry_at(table, stride, i);
        struct serve_route_match match = {.index = i};

        if (!matches(route->pattern, path, len, &match))
            continue;
        path_known = true;
        if (strcmp(route->method, wanted) == 0) {
            *ret_match = match;
            return SERVE_ROUTE_FOUND;
        }
    }
    return path_known ? SERVE_ROUTE_NO_METHOD : SERVE_ROUTE_NO_PATH;
}

void serve_route_methods(const struct serve_route *table, size_t count, size_t stride,
                         const char *path, size_t len, char *out, size_t cap)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct serve_route *route = entry_at(table, stride, i);
        struct serve_route_match match;
        int more;

        if (!matches(route->pattern, path, len, &match))
            continue;
        more =
            snprintf(out + used, cap - used, "%s%s", used > 0 ? ", " : "", route->method);
        if (more < 0 || (size_t)more >= cap - used)
            return;
        used += (size_t)more;
    }
}

/* plus: what stands for a plus that is not escaped. */
static long decode(const char *text, size_t len, char plus, char *out, size_t cap)
{
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '%') {
            const int high = i + 2 < len ? digits_hex_value(text[i + 1]) : -1;
            const int low = i + 2 < len ? digits_hex_value(text[i + 2]) : -1;

            if (high < 0 || low < 0 || (high == 0 && low == 0))
                return -EINVAL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = plus;
        }
        if (used + 1 >= cap)
            return -ENOSPC;
        out[used++] = c;
    }
    if (cap == 0)
        return -ENOSPC;
    out[used] = '\0';
    return (long)used;
}

long serve_percent_decode(const char *text, size_t len, char *out, size_t cap)
{
    return decode(text, len, '+', out, cap);
}

long serve_query_find(const char *query, const char *name, char *out, size_t cap)
{
    const size_t name_len = strlen(name);

    while (*query) {
        const size_t len = strcspn(query, "&");

        if (len > name_len && query[name_len] == '=' &&
            strncmp(query, name, name_len) == 0)
            return decode(query + name_len + 1, len - name_len - 1, ' ', out, cap);
        query += len + (query[len] == '&');
    }
    return -ENOENT;
}

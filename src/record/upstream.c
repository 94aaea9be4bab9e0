#include "record/upstream.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Whether a path ends with "/v" and digits, and where that begins. */
static bool find_version(const char *path, size_t len, size_t *ret_at)
{
    size_t at = len;

    while (at > 0 && path[at - 1] >= '0' && path[at - 1] <= '9')
        at--;
    if (at == len || at < 2 || path[at - 1] != 'v' || path[at - 2] != '/')
        return false;
    *ret_at = at - 2;
    return true;
}

const char *upstream_parse(const char *text, struct upstream *ret_upstream)
{
    const size_t scheme_len = strncasecmp(text, "https://", 8) == 0  ? 8
                              : strncasecmp(text, "http://", 7) == 0 ? 7
                                                                     : 0;
    const char *path;
    size_t path_len;

    if (scheme_len == 0)
        return "needs a URL with http:// or https://, such as https://api.openai.com";
    if (strlen(text) >= UPSTREAM_BYTES)
        return "has a URL that is too long";
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == '\x7f')
            return "has a URL with a blank or a control character in it";
    path = text + scheme_len + strcspn(text + scheme_len, "/?#");
    if (path == text + scheme_len)
        return "has a URL without a host";
    if (memchr(text, '@', (size_t)(path - text)))
        return "has credentials in its URL: take them out, the clients send their own";
    if (strpbrk(path, "?#"))
        return "has a URL with a query: give scheme, host and path alone";
    path_len = strlen(path);
    while (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    (void)find_version(path, path_len, &path_len);
    (void)snprintf(ret_upstream->origin, UPSTREAM_BYTES, "%.*s", (int)(path - text),
                   text);
    (void)snprintf(ret_upstream->prefix, UPSTREAM_BYTES, "%.*s", (int)path_len, path);
    (void)snprintf(ret_upstream->url, UPSTREAM_BYTES, "%.*s",
                   (int)((size_t)(path - text) + path_len), text);
    return NULL;
}

/*
 * What is written as URLs are: their user information and query (RFC 3986, section 3), also within a text.
 */
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "record/redacted_body.h"
#include "serve/router.h"

/* Longer names are read as far as this. */
#define NAME_BYTES 256

#define MARK "://"

/* The next pair of "a=b&c=d". */
struct pair {
    const char *name;
    size_t name_len;
    const char *value; /* NULL: it has no '=' */
    size_t value_len;
    size_t len; /* of the whole, without '&' */
};

static struct pair pair_at(const char *text, size_t len)
{
    const char *end = memchr(text, '&', len);
    struct pair pair = {.name = text, .len = end ? (size_t)(end - text) : len};
    const char *equals = memchr(text, '=', pair.len);

    pair.name_len = equals ? (size_t)(equals - text) : pair.len;
    if (equals) {
        pair.value = equals + 1;
        pair.value_len = pair.len - pair.name_len - 1;
    }
    return pair;
}

static bool is_secret_pair(const struct redaction *rules, const struct pair *pair)
{
    char name[NAME_BYTES];
    const long len = serve_percent_decode(pair->name, pair->name_len, name, sizeof(name));

    if (!pair->value || pair->value_len == 0)
        return false;
    if (len < 0) /* a name that cannot be decoded is taken as it is */
        return redaction_is_secret(rules, pair->name, pair->name_len);
    return redaction_is_secret(rules, name, (size_t)len);
}

size_t redacted_pairs(const struct redacting *by, const char *text, size_t len,
                      struct buf *out)
{
    size_t count = 0;

    for (size_t at = 0; at < len; at++) {
        const struct pair pair = pair_at(text + at, len - at);

        if (is_secret_pair(by->rules, &pair)) {
            count += 1 + shown_secrets_star(by->shown, pair.name, pair.name_len, out);
            (void)buf_append_str(out, "=" REDACTION_STARS);
        } else {
            count += shown_secrets_star(by->shown, pair.name, pair.len, out);
        }
        at += pair.len;
        if (at < len)
            (void)buf_append_char(out, '&');
    }
    return count;
}

void redacted_note_query(const struct redaction *rules, const char *target,
                         struct shown_secrets *shown)
{
    const char *query = strchr(target, '?');

    while (query && *query) {
        const struct pair pair = pair_at(query + 1, strlen(query + 1));

        if (is_secret_pair(rules, &pair))
            shown_secrets_note(shown, pair.value, pair.value_len);
        query += 1 + pair.len;
    }
}

size_t redacted_target(const struct redacting *by, const char *target, size_t len,
                       struct buf *out)
{
    const char *query = memchr(target, '?', len);
    const size_t path_len = query ? (size_t)(query - target) : len;
    size_t count = shown_secrets_star(by->shown, target, path_len, out);

    if (query) {
        (void)buf_append_char(out, '?');
        count += redacted_pairs(by, query + 1, len - path_len - 1, out);
    }
    return count;
}

/* Bytes of a URL behind its scheme; what ends a link in prose, Markdown or HTML ends it. */
static size_t url_len(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && (unsigned char)text[at] > ' ' && !strchr("\"'<>`)\\", text[at]))
        at++;
    return at;
}

/* "user:password@host/path?query". */
static size_t redact_url(const struct redacting *by, const char *text, size_t len,
                         struct buf *out)
{
    size_t host_len = 0;
    const char *at;
    const char *colon;
    size_t count = 0;

    while (host_len < len && !strchr("/?#", text[host_len]))
        host_len++;
    at = memrchr(text, '@', host_len);
    colon = at ? memchr(text, ':', (size_t)(at - text)) : NULL;
    if (colon && at - colon > 1) {
        count += 1 + shown_secrets_star(by->shown, text, (size_t)(colon - text), out);
        (void)buf_append_str(out, ":" REDACTION_STARS);
        len -= (size_t)(at - text);
        text = at;
    }
    return count + redacted_target(by, text, len, out);
}

size_t redacted_text(const struct redacting *by, const char *text, size_t len,
                     struct buf *out)
{
    size_t count = 0;

    while (len > 0) {
        const char *mark = memmem(text, len, MARK, strlen(MARK));
        const size_t head_len = mark ? (size_t)(mark - text) + strlen(MARK) : len;
        size_t link_len;

        count += shown_secrets_star(by->shown, text, head_len, out);
        text += head_len;
        len -= head_len;
        link_len = url_len(text, len);
        count += redact_url(by, text, link_len, out);
        text += link_len;
        len -= link_len;
    }
    return count;
}

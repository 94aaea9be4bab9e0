#include "record/redacted_body.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "serve/router.h"

/* Longer names and boundaries are read as far as this (RFC 2046, section 5.1.1: 70). */
#define NAME_BYTES 256

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

static size_t redact_pairs(const struct redacting *by, const char *text, size_t len,
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
        count += redact_pairs(by, query + 1, len - path_len - 1, out);
    }
    return count;
}

/* The first place of a word in a text; NULL: there is none. */
static const char *find(const char *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word));
}

/* Copies the value of name="…" out of a part's head. Returns its length, 0 without one. */
static size_t part_name(const char *head, size_t len, char name[static NAME_BYTES])
{
    const char *begin = find(head, len, " name=\"");
    const char *end;
    size_t name_len;

    if (!begin)
        return 0;
    begin += strlen(" name=\"");
    end = memchr(begin, '"', len - (size_t)(begin - head));
    name_len = (size_t)((end ? end : head + len) - begin);
    if (name_len >= NAME_BYTES)
        name_len = NAME_BYTES - 1;
    memcpy(name, begin, name_len);
    return name_len;
}

/*
 * A multipart form (RFC 7578): each part's content up to the next delimiter. Files are searched like
 * any text.
 */
static size_t redact_multipart(const struct redacting *by, const char *delimiter,
                               const char *text, size_t len, struct buf *out)
{
    size_t count = 0;

    while (len > 0) {
        const char *content = find(text, len, "\r\n\r\n");
        const size_t head_len = content ? (size_t)(content - text) + 4 : len;
        char name[NAME_BYTES];
        const size_t name_len = part_name(text, head_len, name);
        const char *end;
        size_t content_len;

        count += shown_secrets_star(by->shown, text, head_len, out);
        text += head_len;
        len -= head_len;
        end = find(text, len, delimiter);
        content_len = end ? (size_t)(end - text) : len;
        if (content_len > 0 && redaction_is_secret(by->rules, name, name_len)) {
            (void)buf_append_str(out, REDACTION_STARS);
            count++;
        } else {
            count += shown_secrets_star(by->shown, text, content_len, out);
        }
        text += content_len;
        len -= content_len;
    }
    return count;
}

/* Writes "\r\n--boundary", what stands before each part but the first. Returns whether there is one. */
static bool delimiter_of(const char *content_type, char delimiter[static NAME_BYTES])
{
    const char *at = strcasestr(content_type, "boundary=");
    size_t len;

    if (!at || strncasecmp(content_type, "multipart/", 10) != 0)
        return false;
    at += strlen("boundary=");
    at += *at == '"';
    len = strcspn(at, "\"; \t");
    if (len == 0 || len > NAME_BYTES - 8)
        return false;
    (void)snprintf(delimiter, NAME_BYTES, "\r\n--%.*s", (int)len, at);
    return true;
}

size_t redacted_body(const struct redacting *by, const char *content_type,
                     const char *body, size_t len, struct buf *out)
{
    char delimiter[NAME_BYTES];

    if (content_type && delimiter_of(content_type, delimiter))
        return redact_multipart(by, delimiter, body, len, out);
    if ((content_type && strcasestr(content_type, "x-www-form-urlencoded")) ||
        !memchr(body, '"', len))
        return redact_pairs(by, body, len, out);
    return redacted_json(by, body, len, out);
}

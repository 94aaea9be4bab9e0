#include "record/redacted_body.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* Longer names and boundaries are read as far as this (RFC 2046, section 5.1.1: 70). */
#define NAME_BYTES 256

/* The first place of a word in a text; NULL: there is none. */
static const char *find(const char *text, size_t len, const char *word)
{
    return memmem(text, len, word, strlen(word));
}

/* Behind "name=" of a part's head, which "filename=" is not; NULL: it has none. */
static const char *name_parameter(const char *head, size_t len)
{
    static const char word[] = "name=";

    for (size_t at = 1; at + strlen(word) <= len; at++)
        if (strchr("; \t", head[at - 1]) && head[at - 1] &&
            strncasecmp(head + at, word, strlen(word)) == 0)
            return head + at + strlen(word);
    return NULL;
}

/* Copies the value of name="…" out of a part's head. Returns its length, 0 without one. */
static size_t part_name(const char *head, size_t len, char name[static NAME_BYTES])
{
    const char *begin = name_parameter(head, len);
    const char *ends;
    size_t name_len = 0;

    if (!begin)
        return 0;
    ends = *begin == '"' ? "\"" : "; \t\r\n";
    begin += *begin == '"';
    while (name_len < NAME_BYTES - 1 && begin + name_len < head + len &&
           !strchr(ends, begin[name_len]))
        name_len++;
    memcpy(name, begin, name_len);
    return name_len;
}

/* Anything that stands in a body by itself. */
static size_t redact_content(const struct redacting *by, const char *text, size_t len,
                             struct buf *out)
{
    return memchr(text, '"', len) ? redacted_json(by, text, len, out)
                                  : redacted_text(by, text, len, out);
}

/*
 * A multipart form (RFC 7578): each part's content up to the next delimiter. Parts and files may be
 * JSON, such as the requests of a batch.
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
            count += redact_content(by, text, content_len, out);
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
        return redacted_pairs(by, body, len, out);
    return redacted_json(by, body, len, out);
}

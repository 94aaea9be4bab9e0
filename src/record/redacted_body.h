/*
 * The body and the target of a request → the same without secrets. Bodies are read as JSON, forms or
 * multipart forms, loosely: what breaks their grammar is still searched. Pure.
 */
#pragma once

#include <stddef.h>

#include "record/redaction.h"
#include "record/shown_secrets.h"

/* What one request's redaction goes by. */
struct redacting {
    const struct redaction *rules;
    const struct shown_secrets *shown;
};

/*
 * Each appends the text without secrets, and returns how many were taken out; out's error sticks. What
 * holds none is appended byte by byte as it was.
 */

/* "/v1/models?key=…". (redacted_url.c, as the next two) */
size_t redacted_target(const struct redacting *by, const char *target, size_t len,
                       struct buf *out);

/* "a=b&key=…", of a query or a form. */
size_t redacted_pairs(const struct redacting *by, const char *text, size_t len,
                      struct buf *out);

/* Words, with the passwords and queries of URLs among them. */
size_t redacted_text(const struct redacting *by, const char *text, size_t len,
                     struct buf *out);

/* content_type: the header's value, or NULL. */
size_t redacted_body(const struct redacting *by, const char *content_type,
                     const char *body, size_t len, struct buf *out);

/*
 * Members named like secrets, also in what a string with escapes stands for, and URLs.
 * (redacted_json.c)
 */
size_t redacted_json(const struct redacting *by, const char *text, size_t len,
                     struct buf *out);

/* Notes what stands under names of secrets in a target's query. */
void redacted_note_query(const struct redaction *rules, const char *target,
                         struct shown_secrets *shown);

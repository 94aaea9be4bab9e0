/*
 * Redaction: the words by which a recording knows what it must not hold. A header is left out, a query's
 * or body's value starred, by its name; a credential that the request itself showed, and what is shaped
 * like a key, wherever it stands. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/* What stands in place of a secret. */
#define REDACTION_STARS "***"

/* Shorter words are no credentials, and to star them would garble what is said ("none", "test"). */
#define REDACTION_MIN_BYTES ((size_t)8)

/* Beyond these a request's credentials are found by name and shape alone. */
#define REDACTION_SHOWN_MAX 32

/* The rules of one recording. Names are borrowed, and compared in any case. */
struct redaction {
    const char *const *names; /* beside those that base/secret_name.h knows */
    size_t name_count;
    const char *const
        *kept_headers; /* headers that stay, whatever their name sounds like */
    size_t kept_count;
};

/* The credentials that one request showed, borrowed from it. */
struct shown_secrets {
    struct {
        const char *text;
        size_t len;
    } items[REDACTION_SHOWN_MAX];
    size_t count;
};

/* Whether the user named it, so that all under it goes, of whatever kind. */
bool redaction_is_named(const struct redaction *redaction, const char *name, size_t len);

/* Whether a value under this name of a query, a form or a JSON text is a secret. */
bool redaction_is_secret(const struct redaction *redaction, const char *name, size_t len);

/* Whether a header holds a credential, a cookie or what else is not written down. */
bool redaction_is_secret_header(const struct redaction *redaction, const char *name);

/* Notes what a header of a secret holds: the token behind a scheme, each cookie's value. */
void shown_secrets_note_header(struct shown_secrets *shown, const char *name,
                               const char *value);

/* Notes a value; what is too short to be looked for is not. */
void shown_secrets_note(struct shown_secrets *shown, const char *text, size_t len);

/*
 * Appends text with stars over what was shown and what is shaped like a key. Returns how many were
 * starred; out's error sticks.
 */
size_t shown_secrets_star(const struct shown_secrets *shown, const char *text, size_t len,
                          struct buf *out);

/*
 * Redaction: the words by which a recording knows what it must not hold. A header is left out, a query's
 * or body's value starred, by its name; a credential that the request itself showed, and what is shaped
 * like a key, wherever it stands. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands in place of a secret. */
#define REDACTION_STARS "***"

/* The rules of one recording. Names are borrowed, and compared in any case. */
struct redaction {
    const char *const *names; /* beside those that base/secret_name.h knows */
    size_t name_count;
    const char *const
        *kept_headers; /* headers that stay, whatever their name sounds like */
    size_t kept_count;
};

/* Whether the user named it, so that all under it goes, of whatever kind. */
bool redaction_is_named(const struct redaction *redaction, const char *name, size_t len);

/* Whether a value under this name of a query, a form or a JSON text is a secret. */
bool redaction_is_secret(const struct redaction *redaction, const char *name, size_t len);

/* Whether a header holds a credential, a cookie or what else is not written down. */
bool redaction_is_secret_header(const struct redaction *redaction, const char *name,
                                const char *value);

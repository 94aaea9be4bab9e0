#include "record/redaction.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/secret_name.h"

static bool is_any_of(const char *const *words, size_t count, const char *name,
                      size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(words[i]) == len && strncasecmp(words[i], name, len) == 0)
            return true;
    return false;
}

bool redaction_is_named(const struct redaction *redaction, const char *name, size_t len)
{
    return is_any_of(redaction->names, redaction->name_count, name, len);
}

bool redaction_is_secret(const struct redaction *redaction, const char *name, size_t len)
{
    return secret_name_is(name, len) || redaction_is_named(redaction, name, len);
}

/* Whether one of the words between the dashes of a header's name tells of a secret. */
static bool has_secret_word(const char *name)
{
    static const char *const words[] = {"key",     "auth",   "sig",     "jwt",
                                        "session", "cookie", "cookie2", "csrf",
                                        "xsrf",    "bearer", "cert"};

    while (*name) {
        const size_t len = strcspn(name, "-_");

        if (is_any_of(words, COUNT_OF(words), name, len))
            return true;
        name += len + (name[len] != '\0');
    }
    return false;
}

/* A value that says itself that it is a credential (RFC 9110, section 11.4). */
static bool is_credential(const char *value)
{
    return strncasecmp(value, "bearer ", 7) == 0 || strncasecmp(value, "basic ", 6) == 0;
}

bool redaction_is_secret_header(const struct redaction *redaction, const char *name,
                                const char *value)
{
    const size_t len = strlen(name);

    if (is_any_of(redaction->kept_headers, redaction->kept_count, name, len))
        return false;
    return redaction_is_secret(redaction, name, len) || has_secret_word(name) ||
           is_credential(value);
}

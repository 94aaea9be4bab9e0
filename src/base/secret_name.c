#include "base/secret_name.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

/* Whether a name holds one of the words, in any case. */
static bool holds_any(const char *name, size_t len, const char *const *words,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const size_t word_len = strlen(words[i]);

        for (size_t at = 0; at + word_len <= len; at++)
            if (strncasecmp(name + at, words[i], word_len) == 0)
                return true;
    }
    return false;
}

bool secret_name_is_password(const char *name, size_t len)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "secret",
                                        "credential"};

    return holds_any(name, len, words, COUNT_OF(words));
}

bool secret_name_is(const char *name, size_t len)
{
    static const char *const whole[] = {"key", "auth", "sig", "pw", "pass"};
    static const char *const words[] = {"api_key",    "api-key", "apikey",   "access_key",
                                        "access-key", "token",   "authoriz", "signature"};

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (strlen(whole[i]) == len && strncasecmp(whole[i], name, len) == 0)
            return true;
    return secret_name_is_password(name, len) ||
           holds_any(name, len, words, COUNT_OF(words));
}

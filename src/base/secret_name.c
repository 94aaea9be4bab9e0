#include "base/secret_name.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

bool secret_name_is(const char *name, size_t len)
{
    static const char *const whole[] = {"key", "auth", "sig", "pw", "pass"};
    static const char *const parts[] = {
        "password", "passwd",    "passphrase", "secret",     "api_key",
        "api-key",  "apikey",    "access_key", "access-key", "token",
        "authoriz", "signature", "credential"};

    for (size_t i = 0; i < COUNT_OF(whole); i++)
        if (strlen(whole[i]) == len && strncasecmp(name, whole[i], len) == 0)
            return true;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        const size_t part_len = strlen(parts[i]);

        for (size_t at = 0; at + part_len <= len; at++)
            if (strncasecmp(name + at, parts[i], part_len) == 0)
                return true;
    }
    return false;
}

#include "record/hop.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

static bool is_listed(const char *name, const char *list)
{
    const size_t name_len = strlen(name);

    while (list && *list) {
        list += strspn(list, ", \t");
        const size_t len = strcspn(list, ", \t");

        if (len > 0 && len == name_len && strncasecmp(list, name, len) == 0)
            return true;
        list += len;
    }
    return false;
}

bool hop_is_own(const char *name, const char *connection)
{
    static const char *const names[] = {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "proxy-authorization",
        "content-length",
        "expect",
    };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (strcasecmp(name, names[i]) == 0)
            return true;
    return is_listed(name, connection);
}

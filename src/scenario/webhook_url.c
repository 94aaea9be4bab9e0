#include "scenario/webhook_url.h"

#include <stdio.h>
#include <string.h>

/* Where the host begins; NULL: it is no URL of http or https. */
static const char *host_in(const char *url)
{
    static const char *const schemes[] = {"https://", "http://"};

    for (int i = 0; i < 2; i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0)
            return url + strlen(schemes[i]);
    return NULL;
}

const char *webhook_url_problem(const char *url)
{
    const char *host = host_in(url);
    const size_t len = host ? strcspn(host, "/?#") : 0;

    if (!host)
        return "a scheme other than http and https";
    if (len == 0 || len >= WEBHOOK_HOST_BYTES)
        return "no host";
    if (memchr(host, '@', len))
        return "a name before an '@'";
    return strpbrk(url, " <>\"") ? "a character that has to be percent-encoded" : NULL;
}

void webhook_url_host(const char *url, char host[static WEBHOOK_HOST_BYTES])
{
    const char *from = host_in(url);

    (void)snprintf(host, WEBHOOK_HOST_BYTES, "%.*s", (int)strcspn(from, "/?#"), from);
}

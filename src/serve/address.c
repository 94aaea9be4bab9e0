#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"
#include "serve/serve.h"

/* Copies len bytes as a string. Returns 0; -EINVAL when they do not fit. */
static int copy_part(char *out, size_t cap, const char *from, size_t len)
{
    if (len >= cap)
        return -EINVAL;
    memcpy(out, from, len);
    out[len] = '\0';
    return 0;
}

int serve_address_parse(const char *text, struct sockaddr_storage *ret_address)
{
    struct sockaddr_storage address = {0};
    const char *colon = strrchr(text, ':');
    char host[64] = "";
    uint64_t port = 0;
    int r;

    if (!colon || colon[1] == '\0' ||
        strspn(colon + 1, "0123456789") != strlen(colon + 1))
        return -EINVAL;
    if (quantity_parse_count(colon + 1, &port) < 0 || port > UINT16_MAX)
        return -EINVAL;
    if (text[0] == '[') {
        if (colon - text < 3 || colon[-1] != ']' ||
            copy_part(host, sizeof(host), text + 1, (size_t)(colon - text) - 2) < 0)
            return -EINVAL;
        r = uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)(void *)&address);
    } else {
        if (copy_part(host, sizeof(host), text, (size_t)(colon - text)) < 0)
            return -EINVAL;
        if (strcmp(host, "localhost") == 0)
            memcpy(host, "127.0.0.1", sizeof("127.0.0.1"));
        if (host[0] == '\0')
            memcpy(host, "0.0.0.0", sizeof("0.0.0.0"));
        r = uv_ip4_addr(host, (int)port, (struct sockaddr_in *)(void *)&address);
    }
    if (r < 0)
        return -EINVAL;
    *ret_address = address;
    return 0;
}

#include "output/live_guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/secret.h"
#include "output/live.h"

#define TOKEN_RANDOM_BYTES 18
#define TOKEN_LEAST 16
#define TOKEN_MOST 128
#define HOST_BYTES 64
#define SCHEME "Bearer "

/* Takes as long for any text of a length, however much of it is right. */
static bool is_same(const char *a, const char *b)
{
    const size_t len = strlen(a);
    volatile unsigned char differs = 0;

    if (strlen(b) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        differs |= (unsigned char)(a[i] ^ b[i]);
    return differs == 0;
}

static bool has_token(const struct live_guard *guard, const struct live_caller *caller)
{
    const char *given = caller->authorization;

    return given && strncasecmp(given, SCHEME, strlen(SCHEME)) == 0 &&
           is_same(given + strlen(SCHEME), secret_reveal(guard->token));
}

/* The name or address of "name", "name:80", "[::1]:80". Returns false where it does not fit. */
static bool take_name(const char *authority, char name[static HOST_BYTES])
{
    const bool is_bracketed = *authority == '[';
    const char *from = authority + is_bracketed;
    const size_t len = strcspn(from, is_bracketed ? "]" : ":");

    if (len == 0 || len >= HOST_BYTES)
        return false;
    memcpy(name, from, len);
    name[len] = '\0';
    return true;
}

/* Whether the caller knows this machine by a name that nobody else can give it. */
static bool is_own_name(const char *authority)
{
    char name[HOST_BYTES];
    struct in_addr v4;
    struct in6_addr v6;

    if (!authority || !take_name(authority, name))
        return false;
    if (strcasecmp(name, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, name, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
    return inet_pton(AF_INET6, name, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Whether a page of this server sends it, or no page at all. */
static bool is_own_page(const struct live_caller *caller)
{
    const char *scheme = caller->origin ? strstr(caller->origin, "://") : NULL;

    if (caller->site && strcmp(caller->site, "same-origin") != 0 &&
        strcmp(caller->site, "none") != 0)
        return false;
    if (!caller->origin)
        return true;
    return scheme && caller->host &&
           strcasecmp(scheme + strlen("://"), caller->host) == 0;
}

static int refuse(int status, const char *sentence, const char **reterr_sentence)
{
    *reterr_sentence = sentence;
    return status;
}

int live_guard_check(const struct live_guard *guard, enum live_right right,
                     const struct live_caller *caller, const char **reterr_sentence)
{
    const bool needs_token =
        right == LIVE_RIGHT_CONTROL || (right == LIVE_RIGHT_VIEW && !guard->is_local);

    if (guard->is_local && !is_own_name(caller->host))
        return refuse(
            403,
            "Only localhost, 127.0.0.1 and [::1] are names of this server: open "
            "the URL that throng printed, or name another address with "
            "--ui-listen.",
            reterr_sentence);
    if (right == LIVE_RIGHT_PAGE)
        return 0;
    if (!is_own_page(caller))
        return refuse(403,
                      "This was sent by another page, or through a proxy that does not "
                      "pass Host on.",
                      reterr_sentence);
    /* A wrong one is told also where none is needed. */
    if ((needs_token || caller->authorization) && !has_token(guard, caller))
        return refuse(401,
                      "The token is missing or wrong: open the URL that throng printed, "
                      "or send Authorization: Bearer TOKEN.",
                      reterr_sentence);
    return 0;
}

bool live_guard_is_local(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

        return ntohl(v4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    }
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

    return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

bool live_token_is_fit(const char *token)
{
    const size_t len = strlen(token);

    return len >= TOKEN_LEAST && len <= TOKEN_MOST &&
           strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                         "._~-") == len;
}

int live_token_new(struct secret **ret_token)
{
    unsigned char bytes[TOKEN_RANDOM_BYTES];
    struct buf text = BUF_INIT(TOKEN_MOST);
    int r = 0;

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        return -EIO;
    base64_append_url(&text, bytes, sizeof(bytes));
    r = buf_error(&text);
    if (r == 0)
        r = secret_new(buf_str(&text), ret_token);
    secret_wipe(bytes, sizeof(bytes));
    secret_wipe(text.bytes, text.cap);
    buf_deinit(&text);
    return r;
}

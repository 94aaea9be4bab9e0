#include "scenario/url.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/quantity.h"

static bool is_printable(const char *text)
{
    for (; *text; text++) {
        if (!isgraph((unsigned char)*text))
            return false;
    }
    return true;
}

/* Whether text[0, len) is a port. */
static bool is_port(const char *text, size_t len)
{
    char digits[8] = "";
    uint64_t port;

    if (len == 0 || len >= sizeof(digits))
        return false;
    memcpy(digits, text, len);
    return quantity_parse_count(digits, &port) == 0 && port >= 1 && port <= 65535;
}

/* Whether text[0, len) is a host's name or address. */
static bool is_host(const char *text, size_t len)
{
    static const char marks[] = "-._";

    if (len > 2 && text[0] == '[' && text[len - 1] == ']')
        return true;
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr(marks, text[i]))
            return false;
    }
    return len > 0;
}

/* What is wrong with text[0, len) as host[:port], or NULL. */
static const char *check_authority(const char *text, size_t len)
{
    const char *bracket = memchr(text, ']', len);
    const char *colon = bracket ? bracket + 1 : memchr(text, ':', len);
    size_t host_len = len;

    if (memchr(text, '@', len))
        return "a name or password before '@', which belongs into api_key,";
    if (colon && colon < text + len) {
        host_len = (size_t)(colon - text);
        if (*colon != ':' || !is_port(colon + 1, len - host_len - 1))
            return "a port that is not one from 1 to 65535";
    }
    return is_host(text, host_len) ? NULL : "no host";
}

/* Whether the last part of the path is v1 or another version. */
static bool ends_with_version(const char *path, size_t len)
{
    size_t digits = 0;

    while (digits < len && isdigit((unsigned char)path[len - 1 - digits]))
        digits++;
    return digits > 0 && len >= digits + 2 && path[len - digits - 1] == 'v' &&
           path[len - digits - 2] == '/';
}

void url_mask(const char *text, char masked[static URL_MASKED_BYTES])
{
    const char *colon = strstr(text, "://");
    const size_t scheme_len = colon ? (size_t)(colon + 3 - text) : 0;
    const char *at = strrchr(text + scheme_len, '@');

    if (at)
        (void)snprintf(masked, URL_MASKED_BYTES, "%.*s***%s",
                       scheme_len < 16 ? (int)scheme_len : 16, text, at);
    else
        (void)snprintf(masked, URL_MASKED_BYTES, "%s", text);
}

/* Decodes %XX in place. Returns whether all of them are right and none is a control character. */
static bool decode(char *text)
{
    char *out = text;

    for (const char *at = text; *at; at++) {
        if (*at == '%') {
            unsigned value = 0;

            for (int i = 1; i <= 2; i++) {
                const char *digits = "0123456789abcdef";
                const char *digit = at[i] ? strchr(digits, tolower(at[i])) : NULL;

                if (!digit)
                    return false;
                value = value * 16 + (unsigned)(digit - digits);
            }
            if (iscntrl((int)value))
                return false;
            *out++ = (char)value;
            at += 2;
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
    return true;
}

const char *url_take_credentials(const char *text, char ret_url[static URL_MAX_BYTES],
                                 char ret_credentials[static URL_MAX_BYTES])
{
    const char *colon = strstr(text, "://");
    const char *authority = colon ? colon + 3 : text;
    const size_t authority_len = strcspn(authority, "/?#");
    const char *at = memrchr(authority, '@', authority_len);
    const char *host = at ? at + 1 : authority;

    ret_credentials[0] = '\0';
    if (strlen(text) >= URL_MAX_BYTES)
        return "too many characters";
    (void)snprintf(ret_url, URL_MAX_BYTES, "%.*s%s", (int)(authority - text), text, host);
    if (!at)
        return NULL;
    (void)snprintf(ret_credentials, URL_MAX_BYTES, "%.*s", (int)(at - authority),
                   authority);
    if (at == authority || !strchr(ret_credentials, ':') || !decode(ret_credentials))
        return "no 'name:password' before '@'";
    return NULL;
}

const char *url_split(const char *text, struct url *ret_url)
{
    static const char version[] = "/v1";
    const char *colon = strstr(text, "://");
    const char *authority = colon ? colon + 3 : text;
    const size_t authority_len = strcspn(authority, "/?#");
    const char *path = authority + authority_len;
    size_t path_len = strlen(path);
    const char *problem;

    if (!is_printable(text))
        return "a space or another character that no URL has";
    if (strlen(text) + sizeof(version) > URL_MAX_BYTES)
        return "too many characters";
    if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
        return colon ? "a scheme other than http and https" : "no http:// or https://";
    problem = check_authority(authority, authority_len);
    if (problem)
        return problem;
    if (strpbrk(path, "?#"))
        return "a '?' or '#', which the address of an API cannot have,";
    while (path_len > 0 && path[path_len - 1] == '/')
        path_len--;
    *ret_url = (struct url){0};
    memcpy(ret_url->origin, text, (size_t)(path - text));
    memcpy(ret_url->api_prefix, path, path_len);
    if (!ends_with_version(path, path_len))
        memcpy(ret_url->api_prefix + path_len, version, sizeof(version));
    return NULL;
}

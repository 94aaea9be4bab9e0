#include "engine/cookies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/http_date.h"
#include "base/secret.h"

/* No cookie is kept longer than this; what does not wrap is easier to reckon with. */
#define MAX_AGE_S ((int64_t)400 * 24 * 3600)

struct cookie {
    struct cookie *next;
    uint64_t expires_ns; /* monotonic; UINT64_MAX: with its user */
    bool host_only;      /* for this host alone, not for those below it */
    bool secure;
    size_t name_len;
    size_t value_len;
    size_t domain_len;
    size_t path_len;
    char text[]; /* name, value, domain, path, each with a NUL behind it */
};

/* A piece of a line. */
struct span {
    const char *text;
    size_t len;
};

/* What a line says, before it is a cookie. */
struct said {
    struct span name;
    struct span value;
    struct span domain; /* "" where it says none */
    struct span path;
    int64_t max_age_s; /* INT64_MAX: not said */
    bool secure;
};

static const char *name_of(const struct cookie *cookie)
{
    return cookie->text;
}

static const char *value_of(const struct cookie *cookie)
{
    return cookie->text + cookie->name_len + 1;
}

static const char *domain_of(const struct cookie *cookie)
{
    return value_of(cookie) + cookie->value_len + 1;
}

static const char *path_of(const struct cookie *cookie)
{
    return domain_of(cookie) + cookie->domain_len + 1;
}

static struct cookie *cookie_free(struct cookie *cookie)
{
    secret_wipe(cookie->text, cookie->name_len + cookie->value_len + 1);
    free(cookie);
    return NULL;
}

static struct span trimmed(const char *text, size_t len)
{
    while (len > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        len--;
    }
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return (struct span){text, len};
}

/* What stands before and behind the first '='. Returns whether there is one. */
static bool split(const char *text, size_t len, struct span *ret_name,
                  struct span *ret_value)
{
    const char *equals = memchr(text, '=', len);
    const size_t name_len = equals ? (size_t)(equals - text) : len;

    *ret_name = trimmed(text, name_len);
    *ret_value = equals ? trimmed(equals + 1, len - name_len - 1) : (struct span){"", 0};
    return equals != NULL;
}

static bool is(const struct span *span, const char *word)
{
    return span->len == strlen(word) && strncasecmp(span->text, word, span->len) == 0;
}

/* RFC 6265, section 5.2.2: what is no whole number says nothing. */
static int64_t seconds_of(const struct span *value)
{
    const bool negative = value->len > 0 && value->text[0] == '-';
    int64_t seconds = 0;

    if (value->len == 0)
        return INT64_MAX;
    for (size_t i = negative; i < value->len; i++) {
        if (value->text[i] < '0' || value->text[i] > '9')
            return INT64_MAX;
        if (seconds < MAX_AGE_S)
            seconds = seconds * 10 + (value->text[i] - '0');
    }
    if (negative || seconds == 0)
        return 0;
    return seconds < MAX_AGE_S ? seconds : MAX_AGE_S;
}

/* Max-Age wins over Expires, whichever comes first. */
struct ages {
    int64_t max_age_s;
    int64_t expires_s;
};

static void read_attribute(const struct span *name, const struct span *value,
                           uint64_t wall_ns, struct said *said, struct ages *ages)
{
    int64_t at_s;

    if (is(name, "max-age")) {
        ages->max_age_s = seconds_of(value);
    } else if (is(name, "expires") && wall_ns > 0 &&
               http_date_parse(value->text, value->len, &at_s)) {
        const int64_t left_s = at_s - (int64_t)(wall_ns / NS_PER_S);

        ages->expires_s = left_s < 0 ? 0 : left_s < MAX_AGE_S ? left_s : MAX_AGE_S;
    } else if (is(name, "domain") && value->len > 0) {
        said->domain = *value;
        if (said->domain.text[0] == '.') {
            said->domain.text++;
            said->domain.len--;
        }
    } else if (is(name, "path") && value->len > 0 && value->text[0] == '/') {
        said->path = *value;
    } else if (is(name, "secure")) {
        said->secure = true;
    }
}

/* RFC 6265, section 5.1.4: up to the last slash of the request's path. */
static struct span default_path(const struct cookies_place *place)
{
    size_t len = place->path_len;

    while (len > 0 && place->path[len - 1] != '/')
        len--;
    return len > 1 ? (struct span){place->path, len - 1} : (struct span){"/", 1};
}

static bool read_line(const char *line, const struct cookies_place *place,
                      uint64_t wall_ns, struct said *said)
{
    struct ages ages = {INT64_MAX, INT64_MAX};
    size_t len = strcspn(line, ";");

    *said = (struct said){.domain = {"", 0}, .path = default_path(place)};
    if (!split(line, len, &said->name, &said->value) || said->name.len == 0 ||
        said->name.len + said->value.len > COOKIES_MAX_BYTES)
        return false;
    while (line[len] == ';') {
        struct span name;
        struct span value;

        line += len + 1;
        len = strcspn(line, ";");
        (void)split(line, len, &name, &value);
        read_attribute(&name, &value, wall_ns, said, &ages);
    }
    said->max_age_s = ages.max_age_s != INT64_MAX ? ages.max_age_s : ages.expires_s;
    return true;
}

static bool is_address(const struct span *host)
{
    for (size_t i = 0; i < host->len; i++)
        if (!strchr("0123456789.:[]", host->text[i]))
            return false;
    return true;
}

/* RFC 6265, section 5.1.3: the host is the domain, or one below it. */
static bool is_within(const struct span *host, const char *domain, size_t len)
{
    if (host->len < len || strncasecmp(host->text + (host->len - len), domain, len) != 0)
        return false;
    return host->len == len ||
           (host->text[host->len - len - 1] == '.' && !is_address(host));
}

static struct cookie *cookie_new(const struct said *said, const struct span *domain)
{
    const struct span *const parts[] = {&said->name, &said->value, domain, &said->path};
    size_t size = sizeof(struct cookie);
    struct cookie *cookie;
    char *at;

    for (size_t i = 0; i < 4; i++)
        size += parts[i]->len + 1;
    cookie = malloc(size);
    if (!cookie)
        return NULL;
    *cookie = (struct cookie){.secure = said->secure,
                              .name_len = said->name.len,
                              .value_len = said->value.len,
                              .domain_len = domain->len,
                              .path_len = said->path.len,
                              .expires_ns = UINT64_MAX};
    at = cookie->text;
    for (size_t i = 0; i < 4; i++) {
        memcpy(at, parts[i]->text, parts[i]->len);
        at[parts[i]->len] = '\0';
        at += parts[i]->len + 1;
    }
    return cookie;
}

static bool is_same(const struct cookie *one, const struct cookie *two)
{
    return one->host_only == two->host_only && strcmp(name_of(one), name_of(two)) == 0 &&
           strcasecmp(domain_of(one), domain_of(two)) == 0 &&
           strcmp(path_of(one), path_of(two)) == 0;
}

/* Takes out the one that another is in place of; and the oldest where there is no room. */
static void make_room(struct cookies *cookies, const struct cookie *another)
{
    struct cookie **link = &cookies->first;

    while (*link) {
        struct cookie *cookie = *link;

        if (is_same(cookie, another) ||
            (!cookie->next && cookies->count >= COOKIES_MAX)) {
            *link = cookie->next;
            cookie_free(cookie);
            cookies->count--;
        } else {
            link = &cookie->next;
        }
    }
}

int cookies_take(struct cookies *cookies, const char *line,
                 const struct cookies_place *place, uint64_t now_ns, uint64_t wall_ns)
{
    const struct span host = {place->host, place->host_len};
    struct said said;
    struct cookie *cookie;

    if (!read_line(line, place, wall_ns, &said) ||
        (said.domain.len > 0 && !is_within(&host, said.domain.text, said.domain.len)))
        return 0;
    cookie = cookie_new(&said, said.domain.len > 0 ? &said.domain : &host);
    if (!cookie)
        return -ENOMEM;
    cookie->host_only = said.domain.len == 0;
    make_room(cookies, cookie);
    if (said.max_age_s == 0) {
        cookie_free(cookie); /* it was only there to say which one goes */
        return 0;
    }
    if (said.max_age_s != INT64_MAX)
        cookie->expires_ns = now_ns + (uint64_t)said.max_age_s * NS_PER_S;
    cookie->next = cookies->first;
    cookies->first = cookie;
    cookies->count++;
    return 0;
}

/* RFC 6265, section 5.1.4. */
static bool is_below(const struct cookies_place *place, const struct cookie *cookie)
{
    const char *path = path_of(cookie);
    const size_t len = cookie->path_len;

    return place->path_len >= len && memcmp(place->path, path, len) == 0 &&
           (place->path_len == len || path[len - 1] == '/' || place->path[len] == '/');
}

static bool is_for(const struct cookie *cookie, const struct cookies_place *place,
                   uint64_t now_ns)
{
    const struct span host = {place->host, place->host_len};

    if (cookie->expires_ns <= now_ns || (cookie->secure && !place->secure) ||
        (cookie->host_only && host.len != cookie->domain_len))
        return false;
    return is_within(&host, domain_of(cookie), cookie->domain_len) &&
           is_below(place, cookie);
}

int cookies_write(const struct cookies *cookies, const struct cookies_place *place,
                  uint64_t now_ns, struct buf *out)
{
    bool first = true;

    for (const struct cookie *cookie = cookies->first; cookie; cookie = cookie->next) {
        if (!is_for(cookie, place, now_ns))
            continue;
        if (!first)
            buf_append_str(out, "; ");
        first = false;
        buf_append(out, name_of(cookie), cookie->name_len);
        buf_append_char(out, '=');
        buf_append(out, value_of(cookie), cookie->value_len);
    }
    return buf_error(out);
}

void cookies_each(const struct cookies *cookies, cookies_value_fn *fn, void *ctx)
{
    for (const struct cookie *cookie = cookies->first; cookie; cookie = cookie->next)
        fn(ctx, value_of(cookie));
}

struct cookies_place cookies_place_of(const char *url)
{
    const char *scheme_end = strstr(url, "://");
    const char *host = scheme_end ? scheme_end + 3 : url;
    const size_t authority_len = strcspn(host, "/?#");
    const char *path = host + authority_len;
    size_t host_len = authority_len;

    /* A port has no colon behind it; an IPv6 address stands in brackets. */
    for (size_t at = authority_len; at > 0 && host[at - 1] != ']'; at--) {
        if (host[at - 1] == ':') {
            host_len = at - 1;
            break;
        }
    }
    return (struct cookies_place){
        .host = host,
        .host_len = host_len,
        .path = *path == '/' ? path : "/",
        .path_len = *path == '/' ? strcspn(path, "?#") : 1,
        .secure = strncasecmp(url, "https:", 6) == 0,
    };
}

void cookies_deinit(struct cookies *cookies)
{
    while (cookies->first) {
        struct cookie *next = cookies->first->next;

        cookie_free(cookies->first);
        cookies->first = next;
    }
    cookies->count = 0;
}

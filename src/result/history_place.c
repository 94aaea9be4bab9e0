#include "result/history_place.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libpq-fe.h>

#include "base/secret.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)

static bool begins_with(const char *text, const char *beginning)
{
    return strncasecmp(text, beginning, strlen(beginning)) == 0;
}

static bool is_server(const char *text)
{
    return begins_with(text, "postgresql://") || begins_with(text, "postgres://");
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
}

/* What stands for the password in a URL is not its decoded form, and messages may show either. */
static void keep_passwords(struct history_place *place, const char *text,
                           const PQconninfoOption *options)
{
    const char *rest = strstr(text, "://") + strlen("://");
    const char *at = rest + strcspn(rest, "@/?#");
    const char *colon = memchr(rest, ':', (size_t)(at - rest));

    buf_append_str(&place->password, value_of(options, "password"));
    buf_append_char(&place->password, '\0');
    if (*at == '@' && colon)
        buf_append(&place->password, colon + 1, (size_t)(at - colon - 1));
}

/*
 * A '/' or '@' in a password that was not encoded makes the rest of it part of the host, the port or the
 * database, and these are printed.
 */
static bool may_show_password(const PQconninfoOption *options)
{
    const char *port = value_of(options, "port");

    return port[strspn(port, "0123456789,")] || strchr(value_of(options, "host"), '@') ||
           strchr(value_of(options, "dbname"), '@');
}

static int read_server(struct history_place *place, const char *text, struct buf *reterr)
{
    PQconninfoOption *options;
    const char *host;

    place->dialect = HISTORY_POSTGRES;
    /* What libpq says of a URL that is none has the URL in it, password and all. */
    options = PQconninfoParse(text, NULL);
    if (!options) {
        buf_append_str(
            reterr, "history: this is no URL of a PostgreSQL server; write one such as "
                    "postgresql://user@host:5432/database");
        return -EINVAL;
    }
    if (may_show_password(options)) {
        PQconninfoFree(options);
        buf_append_str(
            reterr,
            "history: the URL of the PostgreSQL server has a '/', '@' or ':' where "
            "none can be; in a user's name or password write %2F, %40 and %3A");
        return -EINVAL;
    }
    keep_passwords(place, text, options);
    host = value_of(options, "host");
    buf_append_str(&place->name, "postgresql://");
    if (*value_of(options, "user"))
        buf_printf(&place->name, "%s@", value_of(options, "user"));
    buf_append_str(&place->name, *host ? host : value_of(options, "hostaddr"));
    if (*value_of(options, "port"))
        buf_printf(&place->name, ":%s", value_of(options, "port"));
    buf_printf(&place->name, "/%s", value_of(options, "dbname"));
    PQconninfoFree(options);
    return 0;
}

static int read_file(struct history_place *place, const char *text, struct buf *reterr)
{
    const char *scheme = strstr(text, "://");

    place->dialect = HISTORY_SQLITE;
    if (begins_with(text, "sqlite:")) {
        place->target = text + strlen("sqlite:");
        if (strncmp(place->target, "//", 2) == 0)
            place->target += 2;
    } else if (scheme) {
        /* It may hold a password: its scheme alone is said. */
        buf_printf(
            reterr,
            "history: it is a file or a server's postgresql:// URL, not '%.*s://…'",
            (int)(scheme - text < 20 ? scheme - text : 20), text);
        return -EINVAL;
    }
    if (!*place->target) {
        buf_append_str(reterr, "history: it is a file such as results/history.db, or a "
                               "server's postgresql:// URL");
        return -EINVAL;
    }
    buf_append_str(&place->name, place->target);
    return 0;
}

int history_place_init(struct history_place *place, const char *text, struct buf *reterr)
{
    int r;

    *place = (struct history_place){.target = text,
                                    .name = BUF_INIT(MAX_TEXT_BYTES),
                                    .password = BUF_INIT(MAX_TEXT_BYTES)};
    r = is_server(text) ? read_server(place, text, reterr)
                        : read_file(place, text, reterr);
    if (r == 0)
        r = buf_error(&place->name) < 0 ? buf_error(&place->name)
                                        : buf_error(&place->password);
    if (r < 0)
        history_place_deinit(place);
    return r;
}

void history_place_deinit(struct history_place *place)
{
    secret_wipe(place->password.bytes, place->password.len);
    buf_deinit(&place->password);
    buf_deinit(&place->name);
}

void history_place_star_out(const struct history_place *place, char *text)
{
    const char *decoded = buf_str(&place->password);
    const size_t len = strlen(decoded);

    if (len > 0)
        secret_star_out(text, decoded);
    if (place->password.len > len + 1)
        secret_star_out(text, decoded + len + 1);
}

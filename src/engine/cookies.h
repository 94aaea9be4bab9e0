/*
 * Cookies: the jar of one user, as far as a load tool needs RFC 6265: name, value, domain (and its
 * hosts), path, Secure, Max-Age and Expires. No list of public suffixes: a server under test sets
 * cookies for itself. Pure: it reads no clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct cookie;

/* A jar keeps no more; the oldest goes. */
#define COOKIES_MAX 64
/* A longer one is not kept (RFC 6265, section 6.1). */
#define COOKIES_MAX_BYTES ((size_t)4096)

/* All zero: empty. The fields are private. */
struct cookies {
    struct cookie *first; /* owned: the newest */
    uint32_t count;
};

/* Where a request goes; all but `secure` are parts of its URL. */
struct cookies_place {
    const char *host;
    size_t host_len;
    const char *path; /* without query, with its slash */
    size_t path_len;
    bool secure;
};

/* The parts of an absolute URL, borrowed from it. */
struct cookies_place cookies_place_of(const char *url);

/*
 * Takes the value of one Set-Cookie line of an answer from place at this moment: monotonic, and since
 * 1970 (0: unknown, Expires says nothing then). What is no cookie, or none for this host, is left out.
 * Returns 0 or -ENOMEM.
 */
int cookies_take(struct cookies *cookies, const char *line,
                 const struct cookies_place *place, uint64_t now_ns, uint64_t wall_ns);

/* Appends "a=1; b=2": those for a request to place. Nothing where there are none. Errors of buf. */
int cookies_write(const struct cookies *cookies, const struct cookies_place *place,
                  uint64_t now_ns, struct buf *out);

/* Calls for each value in the jar: they may be sessions, and are shown to nobody. */
typedef void cookies_value_fn(void *ctx, const char *value);
void cookies_each(const struct cookies *cookies, cookies_value_fn *fn, void *ctx);

/* Wipes and forgets all. */
void cookies_deinit(struct cookies *cookies);

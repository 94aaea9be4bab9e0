/*
 * A body that is encoded with gzip or deflate → its plain bytes, piece by piece (RFC 1952, RFC 1950).
 * Only to be looked into: what is passed on stays as it is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct inflater;

/* A piece of the plain bytes, borrowed for the call. */
typedef void inflater_fn(void *ctx, const char *bytes, size_t len);

/* Whether the value of Content-Encoding is one that can be undone. */
bool inflater_knows(const char *encoding);

/* At the start of a body; NULL: no memory. */
struct inflater *inflater_new(void);

/*
 * Gives the plain bytes of a piece. Returns 0; -EINVAL where it is broken; -EMSGSIZE where more than a
 * body's worth came out of it. After an error it is only fit to be freed.
 */
int inflater_feed(struct inflater *inflater, const char *bytes, size_t len,
                  inflater_fn *fn, void *ctx);

/* NULL is allowed. Returns NULL. */
struct inflater *inflater_free(struct inflater *inflater);

/*
 * Finds the entry of a route table that a method and a path mean. Pure: it calls no handler and
 * sends no answer, so that each server words its own 404 and 405.
 */
#pragma once

#include <stddef.h>

/* The most `{name}` parts in one pattern. */
#define SERVE_ROUTE_PARAMS_MAX 4

enum serve_route_result {
    SERVE_ROUTE_FOUND,
    SERVE_ROUTE_NO_PATH,  /* no entry has this path: 404 */
    SERVE_ROUTE_NO_METHOD /* an entry has the path, none the method: 405 */
};

/* Tables are arrays of structs that begin with this. */
struct serve_route {
    const char *method;
    const char
        *pattern; /* "/v1/models/{id}": a {name} matches one non-empty path segment */
};

struct serve_route_match {
    size_t index; /* of the entry */
    struct {
        const char *text; /* borrowed from path, still percent-encoded */
        size_t len;
    } params[SERVE_ROUTE_PARAMS_MAX]; /* in the order of the pattern */
    size_t param_count;
};

/*
 * Looks path (len bytes, without query) up in the table of count entries of stride bytes each.
 * The first entry that fits wins. HEAD is answered by GET's entry. No trailing slash is added or
 * taken away. ret_match is written only when found.
 */
enum serve_route_result serve_route_find(const struct serve_route *table, size_t count,
                                         size_t stride, const char *method,
                                         const char *path, size_t len,
                                         struct serve_route_match *ret_match);

/*
 * Writes the methods that the entries of a path have: "GET, POST"; "" where it has none, cut off
 * where they do not fit (cap bytes). What answers a 405 says them in Allow (RFC 9110 section
 * 15.5.6).
 */
void serve_route_methods(const struct serve_route *table, size_t count, size_t stride,
                         const char *path, size_t len, char *out, size_t cap);

/*
 * Decodes %XX into out (NUL-terminated; cap bytes). Returns the length; -EINVAL for a bad or NUL
 * escape; -ENOSPC.
 */
long serve_percent_decode(const char *text, size_t len, char *out, size_t cap);

/*
 * Finds a parameter of a query ("page=2&size=10") and decodes its value into out (NUL-terminated;
 * cap bytes); '+' is a blank. Returns the length; -ENOENT: there is none of that name; -EINVAL and
 * -ENOSPC as above.
 */
long serve_query_find(const char *query, const char *name, char *out, size_t cap);

/* The URL that requests are passed on to, cut into what is needed of it. Pure. */
#pragma once

#include <stddef.h>

/* The longest URL. */
#define UPSTREAM_BYTES 1024

struct upstream {
    char origin[UPSTREAM_BYTES]; /* "https://host:8000" */
    char prefix
        [UPSTREAM_BYTES]; /* "/openai": stands before the path of each request; "" mostly */
    char url[UPSTREAM_BYTES]; /* both */
};

/*
 * Cuts a URL. An API's version at its end (/v1) is left off, since the clients' paths begin with it.
 * Returns NULL, or what is wrong in words that follow "the upstream".
 */
const char *upstream_parse(const char *text, struct upstream *ret_upstream);

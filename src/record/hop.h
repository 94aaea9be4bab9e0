/* Headers that belong to one hop of HTTP, and not to what is passed on. Pure. */
#pragma once

#include <stdbool.h>

/*
 * Whether a header stays on its connection: those of RFC 9110, section 7.6.1, what `connection` (the
 * value of that header, or NULL) names, and Host, Content-Length and Expect, which each hop makes anew.
 */
bool hop_is_own(const char *name, const char *connection);

/*
 * What a query may not say, found before libjq sees it: words that reach outside of the query, and
 * functions that call themselves. Only tokens are looked at; whether it is jq is libjq's to say.
 */
#pragma once

#include "expr/query.h"

/* Returns 0; -EINVAL, *reterr_error filled. */
int query_guard(const char *text, struct query_error *reterr_error);

/*
 * What to do about a call to the platform that failed.
 */
#pragma once

#include <stddef.h>

#include "plan/platform.h"

struct errand_result;
struct roster_user;

/*
 * Writes what went wrong and what to do: "make_user of a@b.invalid: POST /…: http_5xx (status 500): …; look
 * …". Cut at size.
 */
void advice_write(enum plan_platform_call call, const struct roster_user *who,
                  const struct errand_result *result, char *text, size_t size);

/*
 * Names in templates: vars.token, data.people.email, user.id. Each that is used gets its number in the
 * plan.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A template_name_fn (expr/template.h); ctx is the struct making. */
int name_resolve(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                 const char **reterr_hint);

/*
 * Names in templates: vars.token, data.people.email, user.id. Each that is used gets its number in the
 * plan.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A template_name_fn (expr/template.h); ctx is the struct making. */
int name_resolve(void *ctx, const char *name, size_t len, uint32_t *ret_ref,
                 const char **reterr_hint);

/* Each name that everybody has, for the page of templates. False from the end on. */
bool name_of_everybody_at(size_t index, const char **ret_name, const char **ret_help);

/*
 * Variables: what `vars.NAME` stands for, for one user or for all. A user's own values lie over
 * those of the run, so that what all share is kept once. Values are texts, or JSON that is no text;
 * what they held is wiped, since tokens and passwords pass here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct variables;

/* No value is longer. */
#define VARIABLES_MAX_BYTES ((size_t)1 << 20)

/* A value, borrowed until the variable changes. */
struct variable {
    const char *text; /* NUL-terminated at len */
    size_t len;
    bool json; /* no text but a JSON value: a number, a list, … */
};

/*
 * As many as a plan has, none with a value of its own. base: where others' values are looked up,
 * borrowed; NULL: nowhere. Returns 0 or -ENOMEM.
 */
int variables_new(size_t count, const struct variables *base,
                  struct variables **ret_variables);

/* Wipes all values. NULL is allowed. Returns NULL. */
struct variables *variables_free(struct variables *variables);

/* Copies a value. Returns 0; -EMSGSIZE when it is too long; -ENOMEM: it stays as it was. */
int variables_set(struct variables *variables, uint32_t index,
                  const struct variable *value);

/* From now on it has no value, whatever the base says. */
void variables_forget(struct variables *variables, uint32_t index);

/* Copies all values that others have of their own, not those of their base. Returns as variables_set. */
int variables_add(struct variables *variables, const struct variables *others);

/* Whether it has a value of its own, not its base's, and which. */
bool variables_get_own(const struct variables *variables, uint32_t index,
                       struct variable *ret_value);

/* Whether it has a value, and which. */
bool variables_get(const struct variables *variables, uint32_t index,
                   struct variable *ret_value);

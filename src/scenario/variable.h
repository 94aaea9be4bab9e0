/*
 * Variables of users: which there are, and what `vars`, `set` and `with` give them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "plan/script.h"

struct config_entry;
struct config_node;
struct making;

/* Whether there is a variable of that name. */
bool variable_find(const struct making *making, const char *name, uint32_t *ret_index);

/*
 * Makes sure of a variable; one that is secret anywhere is so everywhere. Returns 0 or -ENOMEM.
 */
int variable_declare(struct making *making, const char *name, bool is_secret,
                     uint32_t *ret_index);

/*
 * Refuses a query that names a variable which nothing sets (`.vars.tokn`): it would be null for ever.
 * Returns 0 or -ENOMEM.
 */
int variable_check_query(struct making *making, const struct config_node *place,
                         const char *query);

/* What `key: value` of a set means. Returns 0, with mistakes added; -ENOMEM. */
int variable_assign(struct making *making, const struct config_entry *entry,
                    struct plan_assignment *ret_assignment);

/*
 * Keys of a map against the rows of its table: which are unknown, which are missing, which exclude
 * each other, and what to say about it. Each check returns 0; -EINVAL with errors added; -ENOMEM.
 */
#pragma once

#include "config/field.h"

/* The row of a key, or NULL. */
const struct field *keys_find(const struct field_table *table, const char *key);

/* Whether a key may stand without a value, as a bare word. */
bool keys_is_bare(const struct field *field);

/* Whether ${NAME:-} found nothing, so that the key counts as not there. */
bool keys_is_blank(const struct config_node *node);

/* Refuses nothing at all where one of the table's alternatives should be. */
int keys_refuse_nothing(const struct field_table *table, const struct config_node *node,
                        struct diag_list *reterr_diags);

/*
 * Refuses a key, or a bare word, that has no row. kind_wanted: none of the alternatives was given,
 * so that this was probably meant for one.
 */
int keys_refuse_unknown(const struct field_table *table, const struct config_node *key,
                        bool kind_wanted, struct diag_list *reterr_diags);

/*
 * Exactly one of the table's alternatives must be in the map. ret_kind_wanted: whether none is;
 * that is told here only where no unknown key can be what was meant.
 */
int keys_check_alternatives(const struct field_table *table,
                            const struct config_node *node,
                            struct diag_list *reterr_diags, bool *ret_kind_wanted);

/*
 * All required keys must be there, and the form is marked faulty where they are not. What an
 * unknown key looks like a misspelling of is not told again.
 */
int keys_check_required(const struct field_table *table, struct config_form *head,
                        struct diag_list *reterr_diags);

/*
 * One scalar ↔ the member of a struct: reading, ranges, and the words for what is wrong.
 */
#pragma once

#include <stdint.h>

#include "config/field.h"

/* A scalar that was read; which member of the union counts is said by the type. */
struct scalar {
    enum field_type type;
    union {
        bool truth;       /* FIELD_BOOL */
        uint64_t whole;   /* FIELD_COUNT, FIELD_DURATION, FIELD_SIZE */
        double number;    /* FIELD_NUMBER, FIELD_FRACTION, FIELD_RATE */
        int64_t pusd;     /* FIELD_MONEY */
        const char *text; /* FIELD_TEXT; borrowed */
        uint32_t choice;  /* FIELD_CHOICE */
    };
};

/* Whether the type is one that scalar_parse reads. */
bool scalar_is_type(enum field_type type);

/* words: of FIELD_CHOICE. Returns 0; -EINVAL: not of the type; -ERANGE: does not fit. */
int scalar_parse(enum field_type type, const char *const *words, const char *text,
                 struct scalar *ret_scalar);

/* Bytes that a member of the type takes. */
size_t scalar_size(enum field_type type);

/* Writes the value into a member of its type. */
void scalar_store(const struct scalar *scalar, void *member);

/*
 * Reads a node by a field's rules into a member. type: the field's, or that of its elements.
 * Returns 0; -EINVAL with an error added; -ENOMEM.
 */
int scalar_fill(struct config_tree *tree, const struct field *field, enum field_type type,
                const struct config_node *node, void *member,
                struct diag_list *reterr_diags);

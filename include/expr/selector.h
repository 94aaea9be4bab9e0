/*
 * Selectors: "model:gpt-4o,step:ask", the labels that a figure must have to be meant. Parsed once,
 * matched against label sets. Pure: where labels come from is the caller's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Labels that one selector names at most. */
#define SELECTOR_LABELS 8

/* One label; both are borrowed from the selector's text and not NUL-terminated. */
struct selector_label {
    const char *key;
    size_t key_len;
    const char *value;
    size_t value_len;
};

struct selector {
    struct selector_label labels[SELECTOR_LABELS];
    size_t count; /* 0: it selects everything */
};

/*
 * Reads "key:value" or "key=value", several with commas between them, blanks around each allowed; a
 * value that holds a comma stands in double quotes. `org` is org_id. text is borrowed. Returns 0;
 * -EINVAL where it has another form, names a key twice, or names too many.
 */
int selector_parse(const char *text, struct selector *ret_selector);

/* The label of a key, or NULL. */
const struct selector_label *selector_find(const struct selector *selector,
                                           const char *key);

/* Whether a value is the one that the label names. NULL is none. */
bool selector_label_is(const struct selector_label *label, const char *value);

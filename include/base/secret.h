/*
 * A string that must never be seen: API keys and tokens. Its bytes live in pages of their own that
 * are left out of core dumps (MADV_DONTDUMP) and wiped in children (MADV_WIPEONFORK), and are
 * wiped when freed. It is printed as "***".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct secret;

/*
 * Copies text, NUL-terminated. The caller wipes its own copy.
 * Returns 0; -EINVAL when it is empty or holds a control character (a line break in a key would
 * inject headers); -ENOMEM.
 */
int secret_new(const char *text, struct secret **ret_secret);

/* Wipes and releases; NULL is allowed. Returns NULL. */
struct secret *secret_free(struct secret *secret);

/* The bytes themselves, borrowed: only for the place that sends them. NULL gives NULL. */
const char *secret_reveal(const struct secret *secret);

/* Always "***": for anything that is printed or written. */
const char *secret_mask(const struct secret *secret);

/*
 * Writes stars over each place where these words stand in a text, and over the beginning of them at
 * its end, where the text may have been cut within one (of SECRET_MIN_BYTES at least).
 */
void secret_star_out(char *text, const char *words);

/* What is shorter is no key, and its stars would hide what a text says. */
#define SECRET_MIN_BYTES ((size_t)4)

/* Overwrites memory in a way the compiler keeps. NULL is allowed. */
void secret_wipe(void *memory, size_t len);

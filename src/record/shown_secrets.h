/*
 * The credentials that one request showed, in their spellings, and how keys are shaped: what is starred in
 * a text wherever it stands.
 */
#pragma once

#include <stddef.h>

#include "base/buf.h"
#include "record/redaction.h"

/* Shorter words are no credentials, and to star them would garble what is said ("none", "test"). */
#define REDACTION_MIN_BYTES ((size_t)8)

/* Beyond these a request's credentials are found by name and shape alone. */
#define REDACTION_SHOWN_MAX 64

struct shown_secrets {
    struct buf words; /* owned: one behind the other */
    struct {
        size_t at;
        size_t len;
    } items[REDACTION_SHOWN_MAX];
    size_t count;
};

void shown_secrets_init(struct shown_secrets *shown);
void shown_secrets_deinit(struct shown_secrets *shown);

/*
 * Notes what a header of a secret holds: the token behind a scheme, the password in one of Basic, each
 * cookie's value.
 */
void shown_secrets_note_header(struct shown_secrets *shown, const char *name,
                               const char *value);

/* Notes a value, also as URLs spell it; what is too short to be looked for is not. */
void shown_secrets_note(struct shown_secrets *shown, const char *text, size_t len);

/*
 * Appends text with stars over what was shown and what is shaped like a key. Returns how many were
 * starred; out's error sticks.
 */
size_t shown_secrets_star(const struct shown_secrets *shown, const char *text, size_t len,
                          struct buf *out);

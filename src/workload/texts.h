/*
 * Many texts end to end in one block: what is kept of a file's rows. A text costs its bytes and four
 * more, so that a million rows stay as small as their file.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "workload/private_pages.h"

/* All texts together are no longer. */
#define TEXTS_MAX_BYTES ((size_t)INT32_MAX)

/* Where a text ends in the block; it starts where the one before it ends. */
struct text_mark {
    uint32_t end : 31;
    uint32_t is_json : 1; /* a JSON value that is no text */
};

/* All zero: none yet. Written by texts.c only. */
struct texts {
    struct private_pages pages;
    size_t len;              /* bytes in use, an open text included */
    struct text_mark *marks; /* owned */
    uint32_t count;          /* texts that are closed */
    uint32_t cap;
};

/* Releases the memory. */
void texts_deinit(struct texts *texts);

/* Appends to the text that is open. Returns 0; -EMSGSIZE past TEXTS_MAX_BYTES; -ENOMEM. */
int texts_append(struct texts *texts, const char *bytes, size_t len);

/* Closes the text; the next one is open. Returns 0; -EMSGSIZE past UINT32_MAX texts; -ENOMEM. */
int texts_close(struct texts *texts, bool is_json);

/* Forgets all but the first `count` texts, and what was appended to an open one. */
void texts_cut(struct texts *texts, uint32_t count);

/* Gives back the memory that was kept for more. Returns 0 or -ENOMEM. */
int texts_trim(struct texts *texts);

/* Text number `index`, which must be below the count: borrowed until one is added, not NUL-terminated. */
const char *texts_at(const struct texts *texts, uint32_t index, size_t *ret_len);

/* Whether text number `index` is a JSON value and no text. */
bool texts_is_json(const struct texts *texts, uint32_t index);

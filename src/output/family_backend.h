/*
 * Families of what servers tell of themselves: one for each metric of measure/backend_metric.h, and whether
 * they tell anything. Their samples have the label `backend`.
 */
#pragma once

#include <stddef.h>

#include "measure/backend_book.h"

struct buf;
struct metric_text;

/* How all servers stand at a moment: a copy. All zero: nobody is asked. */
struct family_backends {
    struct backend_view *views; /* owned */
    size_t count;
};

/* Copies a book, NULL: there is none. Returns 0 or -ENOMEM. */
int family_backends_take(struct family_backends *backends,
                         const struct backend_book *book);

/* Releases the copy. */
void family_backends_deinit(struct family_backends *backends);

/* Writes the families, unless nobody is asked. */
void family_write_backends(const struct family_backends *backends,
                           struct metric_text *text);

/* Appends their rows of the table of families. */
void family_backend_reference(struct buf *out);

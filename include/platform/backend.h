/*
 * The servers behind the target, watched: each is asked for its own metrics at its interval, and what it
 * tells goes into a book (measure/backend_book.h), which is what everybody else reads. Asking and reading
 * are done by a thread of their own: nothing of it happens on the loop, and a server that is dead or hangs
 * costs its own readings and nothing else.
 */
#pragma once

#include <stddef.h>

struct backend_book;
struct backend_watch;
struct plan;

/* Hears a sentence, borrowed. */
typedef void backend_tell_fn(void *ctx, const char *sentence);

/*
 * Begins to ask the plan's backends; targets' origins must be filled. plan and book are borrowed for its
 * life. Returns 0; -EAGAIN: no thread; -ENOMEM.
 */
int backend_watch_new(const struct plan *plan, struct backend_book *book,
                      struct backend_watch **ret_watch);

/*
 * Tells of each server that began to fail since it was called last, and of each that tells its metrics
 * again.
 */
void backend_watch_tell(struct backend_watch *watch, backend_tell_fn *tell, void *ctx);

/* Asks no more; the book stays as it is. NULL is allowed. Returns NULL. */
struct backend_watch *backend_watch_free(struct backend_watch *watch);

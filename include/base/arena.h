/*
 * An arena: many small pieces of memory that live and die together, and secrets that die with
 * them. What it held is wiped when it is freed, since texts on their way into secrets pass here.
 */
#pragma once

#include <stddef.h>

struct arena;
struct secret;

/* Returns 0 or -ENOMEM. */
int arena_new(struct arena **ret_arena);

/* Wipes and releases all pieces, and frees the secrets it owns. NULL is allowed. Returns NULL. */
struct arena *arena_free(struct arena *arena);

/* count zeroed elements of size bytes, aligned for any type; NULL when memory is out. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of a text, NUL-terminated; NULL when memory is out. */
char *arena_copy(struct arena *arena, const char *text);

/* A copy of len bytes, with a NUL behind them; NULL when memory is out. */
char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t len);

/* Takes ownership of a secret. Returns 0; -ENOMEM, and the secret stays the caller's. */
int arena_own_secret(struct arena *arena, struct secret *secret);

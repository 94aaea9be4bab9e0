/*
 * The memory of a plan: many small pieces that live and die together.
 */
#pragma once

#include <stddef.h>

struct plan_arena;

/* Returns 0 or -ENOMEM. */
int plan_arena_new(struct plan_arena **ret_arena);

/* Releases all pieces, and frees each secret given to plan_arena_own_secret; NULL is allowed. */
struct plan_arena *plan_arena_free(struct plan_arena *arena);

/* count zeroed elements of size bytes, aligned for any type; NULL when memory is out. */
void *plan_arena_alloc(struct plan_arena *arena, size_t count, size_t size);

/* A copy of text, NUL-terminated; NULL when memory is out. */
char *plan_arena_copy(struct plan_arena *arena, const char *text);

struct secret;

/* Takes ownership of a secret. Returns 0, or -ENOMEM and the secret stays the caller's. */
int plan_arena_own_secret(struct plan_arena *arena, struct secret *secret);

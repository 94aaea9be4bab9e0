#include "base/arena.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define BLOCK_BYTES ((size_t)16 * 1024)

/* A block of memory that pieces are cut from; a piece larger than a block gets its own. */
struct block {
    struct block *next;
    size_t used_bytes;
    size_t size_bytes;
    alignas(max_align_t) char bytes[];
};

struct owned_secret {
    struct owned_secret *next;
    struct secret *secret;
};

struct arena {
    struct block *blocks; /* the one that is being cut first */
    struct owned_secret *secrets;
};

int arena_new(struct arena **ret_arena)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (!arena)
        return -ENOMEM;
    *ret_arena = arena;
    return 0;
}

struct arena *arena_free(struct arena *arena)
{
    if (!arena)
        return NULL;
    for (struct owned_secret *owned = arena->secrets; owned; owned = owned->next)
        secret_free(owned->secret);
    for (struct block *block = arena->blocks, *next = NULL; block; block = next) {
        next = block->next;
        secret_wipe(block->bytes, block->used_bytes);
        free(block);
    }
    free(arena);
    return NULL;
}

static struct block *block_new(struct arena *arena, size_t bytes)
{
    const size_t size = bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES;
    struct block *block = calloc(1, sizeof(*block) + size);

    if (!block)
        return NULL;
    block->size_bytes = size;
    block->next = arena->blocks;
    arena->blocks = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    const size_t align = alignof(max_align_t);
    struct block *block = arena->blocks;

    if (size && count > (SIZE_MAX - align) / size)
        return NULL;
    const size_t bytes = (count * size + align - 1) / align * align;

    if (!block || block->size_bytes - block->used_bytes < bytes)
        block = block_new(arena, bytes);
    if (!block)
        return NULL;
    void *piece = block->bytes + block->used_bytes;

    block->used_bytes += bytes;
    return piece;
}

char *arena_copy_bytes(struct arena *arena, const char *bytes, size_t len)
{
    char *copy = arena_alloc(arena, len + 1, 1);

    if (copy && len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *arena_copy(struct arena *arena, const char *text)
{
    return arena_copy_bytes(arena, text, strlen(text));
}

int arena_own_secret(struct arena *arena, struct secret *secret)
{
    struct owned_secret *owned = arena_alloc(arena, 1, sizeof(*owned));

    if (!owned)
        return -ENOMEM;
    owned->secret = secret;
    owned->next = arena->secrets;
    arena->secrets = owned;
    return 0;
}

#include "scenario/growing.h"

#include <string.h>

#include "base/arena.h"

#define FIRST_ROOM 8

void *growing_add(struct growing *growing, struct arena *arena, size_t size)
{
    if (growing->count == growing->room) {
        const size_t room = growing->room > 0 ? 2 * growing->room : FIRST_ROOM;
        void *items = arena_alloc(arena, room, size);

        if (!items)
            return NULL;
        if (growing->count > 0)
            memcpy(items, growing->items, growing->count * size);
        growing->items = items;
        growing->room = room;
    }
    return (char *)growing->items + growing->count++ * size;
}

/*
 * A priority queue of deadlines: the element with the smallest key comes first, and among equal
 * keys the one that was put in first, so that what fires together fires in a fixed order.
 * The node is embedded in the element; the heap owns only its array of slots.
 * A 4-ary heap: half the depth of a binary one, and the keys compared at one level share a cache
 * line or two. It reads no clock.
 */
#pragma once

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* Embedded in the element. All zero: in no heap. */
struct heap_node {
    uint64_t key; /* read only: change it with heap_move() */
    size_t place; /* slot + 1; 0: in no heap */
};

struct heap_slot {
    uint64_t key;
    uint64_t order; /* counts insertions and moves: breaks ties */
    struct heap_node *node;
};

/* All zero: empty. */
struct heap {
    struct heap_slot *slots; /* owned */
    size_t count;            /* elements in the heap */
    size_t cap;              /* slots allocated */
    uint64_t next_order;
};

/* The element that embeds `member` as the given node. */
#define HEAP_ENTRY(node, type, member)                                                   \
    ((type *)(void *)((char *)(node) - offsetof(type, member)))

#define HEAP_ARITY 4

/* Releases the slots; the elements are the caller's. The heap is empty and usable again. */
static inline void heap_deinit(struct heap *heap)
{
    free(heap->slots);
    *heap = (struct heap){0};
}

/* Makes room for count elements in all: up to there heap_insert() cannot fail. Returns 0; -ENOMEM. */
static inline int heap_reserve(struct heap *heap, size_t count)
{
    struct heap_slot *slots;

    if (count <= heap->cap)
        return 0;
    slots = reallocarray(heap->slots, count, sizeof(*slots));
    if (!slots)
        return -ENOMEM;
    heap->slots = slots;
    heap->cap = count;
    return 0;
}

/* The element with the smallest key, NULL when the heap is empty. It stays in the heap. */
static inline struct heap_node *heap_first(const struct heap *heap)
{
    return heap->count > 0 ? heap->slots[0].node : NULL;
}

static inline int heap_comes_before(const struct heap_slot *a, const struct heap_slot *b)
{
    return a->key < b->key || (a->key == b->key && a->order < b->order);
}

static inline void heap_place(struct heap *heap, size_t at, struct heap_slot slot)
{
    heap->slots[at] = slot;
    slot.node->place = at + 1;
}

/* Moves the slot that stands at `at` towards the root, to where its key belongs. */
static inline size_t heap_sift_up(struct heap *heap, size_t at)
{
    const struct heap_slot slot = heap->slots[at];

    while (at > 0) {
        const size_t parent = (at - 1) / HEAP_ARITY;

        if (!heap_comes_before(&slot, &heap->slots[parent]))
            break;
        heap_place(heap, at, heap->slots[parent]);
        at = parent;
    }
    heap_place(heap, at, slot);
    return at;
}

/* Moves the slot that stands at `at` towards the leaves, to where its key belongs. */
static inline void heap_sift_down(struct heap *heap, size_t at)
{
    const struct heap_slot slot = heap->slots[at];

    for (;;) {
        const size_t first_child = at * HEAP_ARITY + 1;
        size_t least = first_child;

        if (first_child >= heap->count)
            break;
        for (size_t child = first_child + 1;
             child < heap->count && child < first_child + HEAP_ARITY; child++) {
            if (heap_comes_before(&heap->slots[child], &heap->slots[least]))
                least = child;
        }
        if (!heap_comes_before(&heap->slots[least], &slot))
            break;
        heap_place(heap, at, heap->slots[least]);
        at = least;
    }
    heap_place(heap, at, slot);
}

/* Puts in a node that is in no heap. Returns 0; -ENOMEM when a slot had to be allocated. */
static inline int heap_insert(struct heap *heap, struct heap_node *node, uint64_t key)
{
    assert(node->place == 0);
    if (heap->count == heap->cap) {
        const int r = heap_reserve(heap, heap->cap > 0 ? heap->cap * 2 : 16);

        if (r < 0)
            return r;
    }
    node->key = key;
    heap->slots[heap->count] =
        (struct heap_slot){.key = key, .order = heap->next_order++, .node = node};
    heap->count++;
    heap_sift_up(heap, heap->count - 1);
    return 0;
}

/* Takes the node out; harmless when it is in no heap. */
static inline void heap_remove(struct heap *heap, struct heap_node *node)
{
    const size_t at = node->place - 1;

    if (node->place == 0)
        return;
    node->place = 0;
    heap->count--;
    if (at == heap->count)
        return;
    heap_place(heap, at, heap->slots[heap->count]);
    heap_sift_down(heap, heap_sift_up(heap, at));
}

/* Gives a node that is in the heap another key; it then comes behind its equals. Never fails. */
static inline void heap_move(struct heap *heap, struct heap_node *node, uint64_t key)
{
    const size_t at = node->place - 1;

    assert(node->place != 0);
    node->key = key;
    heap->slots[at].key = key;
    heap->slots[at].order = heap->next_order++;
    heap_sift_down(heap, heap_sift_up(heap, at));
}

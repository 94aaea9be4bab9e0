/*
 * Arrays of the plan that grow while it is made: nobody knows beforehand how many steps a flow that is
 * used twice becomes. They lie in the plan's arena, so that references into them are indexes until all is
 * made.
 */
#pragma once

#include <stddef.h>

struct arena;

struct growing {
    void *items;
    size_t count;
    size_t room;
};

/* A new zeroed item of size bytes behind the others; NULL when memory is out. */
void *growing_add(struct growing *growing, struct arena *arena, size_t size);

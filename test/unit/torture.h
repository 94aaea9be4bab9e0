/*
 * Torture: runs a function again and again, each time with the next of its allocations refused,
 * until it comes through. It sees malloc(), calloc(), realloc(), reallocarray(), strdup() and
 * strndup() in code that is linked statically, not what shared libraries allocate inside. Give
 * those the wrapped functions: in a test, `json_set_alloc_funcs(malloc, free)` passes them, and so
 * do curl_global_init_mem() and uv_replace_allocator().
 * A test links it with torture_dep.
 */
#pragma once

/* What is tortured: releases all that it allocates. Returns 0 or a negative errno. */
typedef int torture_fn(void);

/*
 * Fails the test unless fn returns expected_error in each run with a refused allocation (0 where
 * it shall do without), returns 0 in the run without one, and leaves nothing allocated in any.
 * Returns how many allocations fn makes; a test compares that, for a change is to be explained.
 */
int torture(torture_fn *fn, int expected_error);

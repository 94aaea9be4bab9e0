/*
 * What the program's memory is used for, as JSON: for those who look for a leak. Looking through the
 * allocator may hold the loop for some milliseconds.
 */
#pragma once

#include <uv.h>

struct buf;

/* Appends the members "allocator", "resident_bytes" and "handles" (of the loop, by kind). */
void memory_report_append(uv_loop_t *loop, struct buf *json);

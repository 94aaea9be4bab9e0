/*
 * A program as people read it: its steps, one a line, with those of loops, branches and groups further in.
 */
#pragma once

#include <stdint.h>

struct buf;
struct plan;

/* Appends the lines of a program of the plan. indent: blanks before the outermost. */
void plan_steps(const struct plan *plan, uint32_t program, int indent, struct buf *out);

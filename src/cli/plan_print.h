/*
 * The plan as a person checks it: who does what, how the load goes up and down, and what it will
 * amount to.
 */
#pragma once

struct buf;
struct plan;

/* Appends the plan in plain text, at most 100 columns wide. Returns buf_error. */
int plan_print(const struct plan *plan, struct buf *out);

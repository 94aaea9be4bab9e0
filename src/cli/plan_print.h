/*
 * The plan as a person checks it: who does what, how the load goes up and down, and what it will
 * amount to.
 */
#pragma once

struct buf;
struct estimate;
struct plan;

/* Appends the plan in plain text, made for 80 columns. Returns buf_error. */
int plan_print(const struct plan *plan, const struct estimate *estimate, struct buf *out);

/* The printout of a plan's arms: who asks what, and in which shares. */
#pragma once

struct buf;
struct plan;

/* Appends nothing where the run compares nothing. */
void plan_arms(const struct plan *plan, struct buf *out);

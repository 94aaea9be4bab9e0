/*
 * The load of a plan, drawn: users, or arrivals a second, over time, with the phases below.
 */
#pragma once

struct buf;
struct plan;

/* Appends the chart, less than 80 columns wide. Nothing where nobody ever comes. */
void load_chart(const struct plan *plan, struct buf *out);

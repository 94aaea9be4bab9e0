/*
 * What a search for capacity found, on the page that a finished run is told on.
 */
#pragma once

struct page;

/* Rows of the answer; nothing where the run was no search. */
void terminal_capacity(struct page *page);

/* The levels as a table, and throughput against latency. */
void terminal_capacity_levels(struct page *page);

/*
 * What scripts told of a finished run, for people: iterations, checks, groups, and the scenario's own
 * metrics. Nothing where there are none.
 */
#pragma once

struct page;

/* Writes its rows. */
void terminal_script(struct page *page);

/*
 * The rows of a finished run that judge: what was unlike its own past, and what may be done.
 */
#pragma once

struct page;

/* Nothing where there was none. */
void terminal_anomalies(struct page *page);

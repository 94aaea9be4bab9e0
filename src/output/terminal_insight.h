/*
 * The rows of a finished run that judge: what was unlike its own past, and what may be done.
 */
#pragma once

#include <jansson.h>

struct page;

/* The most important of a summary's advice; NULL: there is no summary. */
void terminal_advice(struct page *page, const json_t *summary);

/* Nothing where there was none. */
void terminal_anomalies(struct page *page);

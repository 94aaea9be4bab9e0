/*
 * The page of a trend: what else the same runs measured, and the file.
 */
#pragma once

#include <jansson.h>

struct buf;
struct history_call;
struct history_filter;

/*
 * Writes the page of a trend to --html; the document gets the other figures. Returns as history_trend(); -EIO
 * too where the file cannot be written.
 */
int history_trend_page_write(const struct history_call *call,
                             const struct history_filter *filter, json_t *document,
                             struct buf *reterr);

/*
 * A figure over runs as a page of its own, with the other figures of the same runs.
 */
#pragma once

#include <jansson.h>

struct buf;

/*
 * Appends the page of a throng.trend/1 (doc/history.md) that has "charts" beside: {title, unit, help, series:
 * [{label, values, above}]}, each with a value or null for each point. Returns buf_error or -ENOMEM.
 */
int trend_html(const json_t *trend, struct buf *out);

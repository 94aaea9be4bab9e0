/*
 * Figures of a summary document in words, for those who tell of it; with result/summary_reading.h.
 */
#pragma once

#include <jansson.h>

#include "result/summary_reading.h"

struct buf;

/* "412 ms", "> 4.0 s" (known only to be above), "–" (not known): a percentile of a latency. */
void summary_say_percentile(const json_t *latency, const char *name, struct buf *out);

/* What a threshold is about: "ttft{model:m} p(95)<500ms". */
void summary_say_threshold(const json_t *threshold, struct buf *out);

/* What was measured: "412 ms", "more than 2.00 s", "3.1%", "no data", "nothing streamed". */
void summary_say_value(const json_t *threshold, struct buf *out);

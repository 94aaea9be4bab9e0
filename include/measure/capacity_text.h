/*
 * What a search for capacity found, in words for people.
 */
#pragma once

#include <stdbool.h>

#include "measure/capacity.h"

struct buf;

/* "240 users", "1 user", "12.5 arrivals/s". */
void capacity_say_load(const struct capacity_report *report, double load,
                       struct buf *out);

/*
 * The answer in a sentence or two: "It holds 240 users (between 240 and 248): ttft p(95)<500ms was 431 ms. At
 * 248 users it breaks: ttft p(95)<500ms was 612 ms. It held in 3 of 3 trials."
 */
void capacity_say_answer(const struct capacity_report *report, struct buf *out);

/* What a level broke, or came closest to: "ttft p(95)<500ms was 612 ms". */
void capacity_say_why(const struct capacity_report *report,
                      const struct capacity_level *level, struct buf *out);

/* "level-7: 240 users hold: 80.1 requests/s; ttft p(95)<500ms was 431 ms; capacity is above 240 users". */
void capacity_say_level(const struct capacity_report *report,
                        const struct capacity_level *level, struct buf *out);

/* What gave way, and what shows it, by latency and by what servers told. Returns false, and says nothing, where nothing did. */
bool capacity_say_saturation(const struct capacity_report *report, struct buf *out);

/* How it recovered from overload. Returns false, and says nothing, where there was none. */
bool capacity_say_recovery(const struct capacity_report *report, struct buf *out);

/* Where the knee is. Returns false, and says nothing, where it is not known. */
bool capacity_say_knee(const struct capacity_report *report, struct buf *out);

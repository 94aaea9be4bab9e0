/*
 * The arrivals of an open loop told in one line: how many came, how long they waited for somebody, and
 * how many nobody took.
 */
#pragma once

#include <stdbool.h>

struct buf;
struct run_facts;

/*
 * "3,000 due, 50.0/s; 2,950 taken, 49.2/s; 40 waited, 120 ms (p95); 50 dropped (1.7%)". Returns false,
 * and says nothing, for a closed loop.
 */
bool summary_say_arrivals(const struct run_facts *facts, struct buf *out);

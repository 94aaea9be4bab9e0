/*
 * What was made at the platform for the run, and what became of it.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct buf;
struct run_facts;

/*
 * "1,000 users in 50 organizations made in 4.1s, a user 52 ms (p95 61 ms); 2,050 removed, none left".
 * Returns false, and says nothing, where there is no platform.
 */
bool summary_say_platform(const struct run_facts *facts, struct buf *out);

/* The section of summary.md; nothing where there is no platform. */
void markdown_platform(const json_t *summary, struct buf *out);

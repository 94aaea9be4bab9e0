/*
 * How people took it, and what throng broke, told in one sentence each. Each returns false, and says
 * nothing, where there is nothing to say.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct counters;
struct run_view;

/* "40 requests abandoned by impatient people, 120 answers read slowly". */
bool summary_say_manners(const struct counters *counters, struct buf *out);

/* "37 requests were retries: after 30 rate_limited, 7 http_5xx; 2 of 400 operations failed in the end". */
bool summary_say_retries(const struct counters *counters, struct buf *out);

/* "12 connections broken and 30 requests sent late, on purpose". */
bool summary_say_chaos(const struct counters *counters, struct buf *out);

/* "api: opened 2 times and was open for 1m2s, 340 requests were not sent; it is closed again". */
bool summary_say_circuit(const struct run_view *view, size_t index, struct buf *out);

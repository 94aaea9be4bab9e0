/*
 * Reading a summary document, for those who tell of it: members by path, with what stands for one
 * that is not there, and figures in words.
 */
#pragma once

#include <jansson.h>

struct buf;

/* The member of an object by name, one level deeper with each "/"; NULL where it is not there. */
const json_t *summary_at(const json_t *object, const char *path);

/* Its text, "" where there is none; its number, NAN where there is none; its count, 0. */
const char *summary_text(const json_t *object, const char *path);
double summary_number(const json_t *object, const char *path);
json_int_t summary_count(const json_t *object, const char *path);

/* "412 ms", "> 4.0 s" (known only to be above), "–" (not known): a percentile of a latency. */
void summary_say_percentile(const json_t *latency, const char *name, struct buf *out);

/* What a threshold is about: "ttft{model:m} p(95)<500ms". */
void summary_say_threshold(const json_t *threshold, struct buf *out);

/* What was measured: "412 ms", "more than 2.00 s", "3.1%", "no data", "nothing streamed". */
void summary_say_value(const json_t *threshold, struct buf *out);

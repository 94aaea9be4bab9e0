/*
 * A row of a comparison in words: what terminal and Markdown have in common.
 */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct buf;

/* "ttft p95", "requests_per_second". */
void comparison_say_figure(struct buf *out, const json_t *row);

/* "412 ms", "> 30.0 s", "$0.0123", "1.20%". side: "base" or "new". */
void comparison_say_value(struct buf *out, const json_t *row, const char *side);

/* "+12.3%", "at least +900%", "+0.80 pp"; "–" where it is not known. */
void comparison_say_change(struct buf *out, const json_t *row);

/* "+9.8% to +15.1%"; "–" where there is none. */
void comparison_say_interval(struct buf *out, const json_t *row);

/* "worse", "better", "no change", "too little data". */
const char *comparison_word(const char *verdict);

/* Of a row or of the whole: whether its verdict is this one. */
bool comparison_is(const json_t *object, const char *verdict);

/* Whether a row is of all requests. */
bool comparison_is_total(const json_t *row);

/*
 * Figures of a history in words: by the unit that they have.
 */
#pragma once

#include <jansson.h>

struct buf;

/* "412 ms", "3.1%", "$0.42", "12.5/s", "1,234 tokens"; "–" where it is not finite. */
void figure_say(struct buf *out, double value, const char *unit);

/* A point of throng.trend/1: its value, "> 4.0 s" where only a bound is known. */
void figure_say_point(struct buf *out, const json_t *point, const char *unit);

/* "+7.5%": by how much a value is more than another; "–" where that cannot be said. */
void figure_say_change(struct buf *out, double value, double than);

/* "2026-11-28 14:40" of a moment of a document. */
void figure_say_moment(struct buf *out, const char *moment);

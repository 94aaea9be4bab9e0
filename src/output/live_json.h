/*
 * Members of a JSON object as text, one behind the other, for messages that are written often: each leaves
 * a comma, which the closing takes away. What is no number is null.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Opens an object or an array, named where it is a member ("" where it is not): '{' or '['. */
void live_json_open(struct buf *out, const char *name, char bracket);
/* Closes it: '}' or ']'. */
void live_json_close(struct buf *out, char bracket);

/* text may be from anywhere. */
void live_json_text(struct buf *out, const char *name, const char *text);
void live_json_count(struct buf *out, const char *name, uint64_t count);
void live_json_number(struct buf *out, const char *name, double number, int decimals);
void live_json_bool(struct buf *out, const char *name, bool value);

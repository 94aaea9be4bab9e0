/*
 * Feeding: the rows of the scenario's feeders that a user is at.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct user;

/* Takes the feeder's next row for a user. Returns 0; -ENODATA: there is none left; -ENOMEM. */
int feed_take(struct user *user, uint32_t feeder);

/*
 * Appends a column of the row that a user is at, taken at first use. *ret_json: it is no text but
 * JSON. Returns as feed_take, or errors of buf.
 */
int feed_write(struct user *user, uint32_t feeder, uint32_t column, struct buf *out,
               bool *ret_json);

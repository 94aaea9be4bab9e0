/*
 * A level over time (requests in flight, active users) and its integral.
 *
 * Steps may come slightly out of order, since ends are stamped by the kernel and starts by the
 * program. Time is therefore counted with its sign: the integral is right in any order, as long as
 * what goes up comes down.
 */
#pragma once

#include <stdint.h>

struct level {
    int64_t value;
    uint64_t at_ns;    /* of the last step */
    double integral_s; /* value × seconds until then */
};

void level_init(struct level *level, uint64_t now_ns);

/* From now on the level is value. */
void level_set(struct level *level, uint64_t now_ns, int64_t value);

/* The integral up to now. */
double level_integral_s(const struct level *level, uint64_t now_ns);

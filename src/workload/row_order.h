/*
 * Row orders: who takes which of a file's rows. Pure.
 */
#pragma once

#include <stdint.h>

#include "plan/data.h"

struct row_order {
    enum plan_order order;
    uint64_t rows; /* at least 1 */
    uint64_t peak; /* users at most, at least 1 */
    /* Of an open loop, where `user` is an arrival: so many rows are set aside for each; else 0. */
    uint64_t takes;
    uint64_t seed; /* of the run and the file: what RANDOM is drawn from */
};

/*
 * The row that user number `user` takes for the `take`th time, from 0. Returns 0; -ENODATA where each
 * row is taken once and none is left for them.
 */
int row_order_take(const struct row_order *order, uint64_t user, uint64_t take,
                   uint64_t *ret_row);

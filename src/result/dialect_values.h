/*
 * Weighted values → the statistics that tools make of them. Exact: all values are kept, and each rule is
 * the tool's own, down to how a quantile between two values is read.
 */
#pragma once

#include <stddef.h>

#include "result/dialect.h"

struct dialect_value {
    double value;
    double weight;
};

/* How a quantile is read. */
enum dialect_quantile {
    /* On a straight line between two ranks: numpy's percentile "linear", and k6's. Weights do not count. */
    DIALECT_LINEAR,
    /* The least value at which the weights of all up to it reach the share: GuideLLM's. */
    DIALECT_REACHED,
};

/* All zero: none. */
struct dialect_values {
    struct dialect_value *items;
    size_t count;
    size_t room;
    int error; /* 0 or -ENOMEM, which stays */
};

void dialect_values_add(struct dialect_values *values, double value, double weight);

void dialect_values_deinit(struct dialect_values *values);

/* Makes them ready for statistics. */
void dialect_values_sort(struct dialect_values *values);

/* A statistic of sorted values; NAN where there are none, and for a weight of 0 in all. */
double dialect_values_statistic(const struct dialect_values *values,
                                const struct dialect_statistic *statistic,
                                enum dialect_quantile rule);

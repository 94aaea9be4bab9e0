#include "result/dialect_values.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

void dialect_values_add(struct dialect_values *values, double value, double weight)
{
    if (values->count == values->room) {
        const size_t room = values->room ? values->room * 2 : 1024;
        struct dialect_value *grown = reallocarray(values->items, room, sizeof(*grown));

        if (!grown) {
            values->error = -ENOMEM;
            return;
        }
        values->items = grown;
        values->room = room;
    }
    values->items[values->count++] =
        (struct dialect_value){.value = value, .weight = weight};
}

void dialect_values_deinit(struct dialect_values *values)
{
    free(values->items);
    *values = (struct dialect_values){0};
}

static int compare(const void *left, const void *right)
{
    const double a = ((const struct dialect_value *)left)->value;
    const double b = ((const struct dialect_value *)right)->value;

    return (a > b) - (a < b);
}

void dialect_values_sort(struct dialect_values *values)
{
    if (values->count > 0)
        qsort(values->items, values->count, sizeof(*values->items), compare);
}

static double weight_of(const struct dialect_values *values)
{
    double weight = 0;

    for (size_t i = 0; i < values->count; i++)
        weight += values->items[i].weight;
    return weight;
}

static double sum_of(const struct dialect_values *values)
{
    double sum = 0;

    for (size_t i = 0; i < values->count; i++)
        sum += values->items[i].value * values->items[i].weight;
    return sum;
}

static double deviation_of(const struct dialect_values *values, double mean,
                           double weight)
{
    double squares = 0;

    for (size_t i = 0; i < values->count; i++) {
        const double off = values->items[i].value - mean;

        squares += off * off * values->items[i].weight;
    }
    return sqrt(squares / weight);
}

static double linear(const struct dialect_values *values, double quantile)
{
    const double rank = quantile * (double)(values->count - 1);
    const size_t low = (size_t)rank;
    const size_t high = low + 1 < values->count ? low + 1 : low;
    const double from = values->items[low].value;

    return from + (rank - (double)low) * (values->items[high].value - from);
}

/* Shares are summed in the order of the values, as GuideLLM does: at a tie the last bit decides. */
static double reached(const struct dialect_values *values, double quantile, double weight)
{
    double share = 0;
    size_t last = 0;

    for (size_t i = 0; i < values->count;) {
        const double value = values->items[i].value;
        double own = 0;

        for (; i < values->count && values->items[i].value == value; i++)
            own += values->items[i].weight;
        if (own <= 0)
            continue;
        last = i - 1;
        share += own / weight;
        if (share >= quantile)
            break;
    }
    return values->items[last].value;
}

double dialect_values_statistic(const struct dialect_values *values,
                                const struct dialect_statistic *statistic,
                                enum dialect_quantile rule)
{
    const double weight = weight_of(values);

    if (values->count == 0 || weight <= 0)
        return statistic->measure == DIALECT_COUNT ? 0 : (double)NAN;
    switch (statistic->measure) {
    case DIALECT_MEAN:
        return sum_of(values) / weight;
    case DIALECT_STD:
        return deviation_of(values, sum_of(values) / weight, weight);
    case DIALECT_MIN:
        return reached(values, 0, weight);
    case DIALECT_MAX:
        return reached(values, 2, weight);
    case DIALECT_QUANTILE:
        return rule == DIALECT_LINEAR ? linear(values, statistic->quantile)
                                      : reached(values, statistic->quantile, weight);
    case DIALECT_COUNT:
        return round(weight);
    case DIALECT_SUM:
        return sum_of(values);
    }
    return (double)NAN;
}

/*
 * The scenario's own metrics in one series: a place for each metric of the plan, made when the first
 * of them has a value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "measure/custom.h"

struct plan;

/* All zero: none yet. */
struct customs {
    struct custom *each; /* by index into the plan's metrics; NULL: no value of any yet */
    size_t count;
};

/* One value of a metric. */
struct custom_value {
    uint32_t metric; /* index into the plan's */
    double value;
    uint64_t order; /* rises from value to value */
};

/* Forgets all values and releases the memory. */
void customs_deinit(struct customs *customs);

/* Forgets all values and keeps the memory. */
void customs_reset(struct customs *customs);

/* Adds a value; digits: of trends. Returns whether there was memory for it. */
bool customs_add(struct customs *customs, const struct plan *plan,
                 enum histogram_digits digits, const struct custom_value *value);

/*
 * Adds `count` metrics, whose trends are as fine; from NULL: none has a value. Returns whether there
 * was memory for it.
 */
bool customs_merge(struct customs *customs, const struct custom *from, size_t count,
                   enum histogram_digits digits);

/* Makes room for so many metrics. Returns whether there was memory for it. */
bool customs_reserve(struct customs *customs, size_t count);

#include "measure/customs.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "plan/plan.h"

double custom_sum(const struct custom *custom)
{
    return (double)custom->sum_millionths / CUSTOM_MILLIONTHS;
}

double custom_share(const struct custom *custom)
{
    return custom->count > 0 ? (double)custom->trues / (double)custom->count
                             : (double)NAN;
}

void customs_deinit(struct customs *customs)
{
    for (size_t i = 0; i < customs->count; i++)
        histogram_free(customs->each[i].histogram);
    free(customs->each);
    *customs = (struct customs){0};
}

void customs_reset(struct customs *customs)
{
    for (size_t i = 0; i < customs->count; i++) {
        struct histogram *histogram = customs->each[i].histogram;

        customs->each[i] = (struct custom){.histogram = histogram};
        if (histogram)
            histogram_reset(histogram);
    }
}

bool customs_reserve(struct customs *customs, size_t count)
{
    if (customs->each)
        return true;
    customs->each = calloc(count, sizeof(*customs->each));
    if (customs->each)
        customs->count = count;
    return customs->each != NULL;
}

static int64_t sum_of(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

static void add_to_counter(struct custom *custom, double value)
{
    const double millionths = value * CUSTOM_MILLIONTHS;
    const bool fits = value >= 0 && millionths < (double)INT64_MAX;

    custom->unfit += !fits;
    if (value > 0)
        custom->sum_millionths =
            sum_of(custom->sum_millionths, fits ? llround(millionths) : INT64_MAX);
}

static void set_gauge(struct custom *custom, double value, uint64_t order)
{
    if (custom->count == 0 || value < custom->least)
        custom->least = value;
    if (custom->count == 0 || value > custom->greatest)
        custom->greatest = value;
    custom->last = value;
    custom->last_order = order;
}

static bool add_to_trend(struct custom *custom, enum histogram_digits digits,
                         double value)
{
    const double most = (double)HISTOGRAM_MOST_NS / (double)NS_PER_MS;
    const bool fits = value >= 0 && value <= most;

    if (!custom->histogram && histogram_new(digits, &custom->histogram) < 0)
        return false;
    custom->unfit += !fits;
    if (!fits)
        value = value < 0 ? 0 : most;
    histogram_record_from_zero(custom->histogram, (uint64_t)(value * (double)NS_PER_MS));
    return true;
}

bool customs_add(struct customs *customs, const struct plan *plan,
                 enum histogram_digits digits, const struct custom_value *value)
{
    struct custom *custom;
    bool kept = true;

    if (!customs_reserve(customs, plan->metric_count))
        return false;
    assert(value->metric < customs->count);
    custom = &customs->each[value->metric];
    if (isnan(value->value)) {
        custom->unfit++;
        return true;
    }
    switch (plan->metrics[value->metric].kind) {
    case PLAN_METRIC_COUNTER:
        add_to_counter(custom, value->value);
        break;
    case PLAN_METRIC_RATE:
        custom->trues += value->value < 0 || value->value > 0;
        break;
    case PLAN_METRIC_GAUGE:
        set_gauge(custom, value->value, value->order);
        break;
    case PLAN_METRIC_TREND:
        kept = add_to_trend(custom, digits, value->value);
        break;
    }
    custom->count += kept;
    return kept;
}

static bool merge_one(struct custom *into, const struct custom *from,
                      enum histogram_digits digits)
{
    if (from->histogram) {
        if (!into->histogram && histogram_new(digits, &into->histogram) < 0)
            return false;
        if (histogram_merge(into->histogram, from->histogram) < 0)
            return false;
    }
    if (from->count > 0) {
        if (into->count == 0 || from->least < into->least)
            into->least = from->least;
        if (into->count == 0 || from->greatest > into->greatest)
            into->greatest = from->greatest;
        if (into->count == 0 || from->last_order > into->last_order) {
            into->last = from->last;
            into->last_order = from->last_order;
        }
    }
    into->count += from->count;
    into->trues += from->trues;
    into->sum_millionths = sum_of(into->sum_millionths, from->sum_millionths);
    into->unfit += from->unfit;
    return true;
}

bool customs_merge(struct customs *customs, const struct custom *from, size_t count,
                   enum histogram_digits digits)
{
    bool kept = true;

    if (!from)
        return true;
    if (!customs_reserve(customs, count))
        return false;
    for (size_t i = 0; i < count; i++)
        kept = merge_one(&customs->each[i], &from[i], digits) && kept;
    return kept;
}

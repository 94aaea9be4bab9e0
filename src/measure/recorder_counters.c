/*
 * The counters of a recorder without its histograms: adding these up is most of the work of reading,
 * and who only wants counts need not wait for it.
 */
#include <string.h>

#include "measure/recorder_state.h"

static struct counters sum(const struct series *window, const struct series *outside,
                           enum recorder_scope scope)
{
    struct counters counters = window ? window->counters : (struct counters){0};

    if (scope == RECORDER_ALL && outside)
        series_add_counters(&counters, &outside->counters);
    return counters;
}

struct counters recorder_counters(const struct recorder *recorder,
                                  enum recorder_scope scope)
{
    return sum(&recorder->total[PART_WINDOW], &recorder->total[PART_OUTSIDE], scope);
}

static const struct dimension *find(const struct recorder *recorder, const char *key)
{
    size_t i = 0;

    while (i < DIMENSION_COUNT && strcmp(recorder->dimensions.each[i].key, key) != 0)
        i++;
    return i < DIMENSION_COUNT ? &recorder->dimensions.each[i] : NULL;
}

void recorder_each_count(const struct recorder *recorder, enum recorder_scope scope,
                         const char *key, series_fn *fn, void *ctx)
{
    const struct dimension *dimension = find(recorder, key);

    for (size_t i = 0; dimension && i < dimension->count; i++) {
        const struct dimension_value *value = &dimension->values[i];
        const struct series *window = value->parts[PART_WINDOW];
        const struct series *outside = value->parts[PART_OUTSIDE];
        struct counters counters;

        if (!window && (scope == RECORDER_WINDOW || !outside))
            continue;
        counters = sum(window, outside, scope);
        fn(ctx, &(struct series_view){
                    .key = dimension->key, .value = value->value, .counters = &counters});
    }
}

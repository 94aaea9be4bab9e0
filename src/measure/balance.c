#include "measure/balance.h"

#include <math.h>

#include "measure/recorder.h"

#define UNEVEN_RATIO 1.5
#define UNEVEN_DEVIATIONS 5

static void add(void *ctx, const struct series_view *series)
{
    struct balance *balance = ctx;
    const uint64_t requests = series->counters->started;

    balance->requests += requests;
    if (balance->backends == 0 || requests > balance->most) {
        balance->most = requests;
        balance->busiest = series->value;
    }
    if (balance->backends == 0 || requests < balance->least)
        balance->least = requests;
    balance->backends++;
}

static void count_series(void *ctx, const struct series_view *series)
{
    (void)series;
    ++*(size_t *)ctx;
}

struct balance balance_of(const struct recorder *recorder)
{
    struct balance balance = {.backends = 0};
    size_t targets = 0;
    double mean = 0;

    recorder_each_count(recorder, RECORDER_ALL, "backend", add, &balance);
    recorder_each_count(recorder, RECORDER_ALL, "target", count_series, &targets);
    if (balance.backends < 2 || targets > 1)
        return balance;
    mean = (double)balance.requests / (double)balance.backends;
    balance.uneven = (double)balance.most > UNEVEN_RATIO * mean &&
                     (double)balance.most - mean > UNEVEN_DEVIATIONS * sqrt(mean);
    return balance;
}

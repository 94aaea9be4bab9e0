#include "measure/welch.h"

#include <assert.h>
#include <math.h>

/* The 97.5% quantile of the normal distribution. */
#define Z 1.959963984540054

double welch_t(double z, double degrees)
{
    const double z2 = z * z;
    const double terms[] = {
        (z2 + 1) / 4,
        ((5 * z2 + 16) * z2 + 3) / 96,
        (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384,
        ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160,
    };
    double sum = 1;
    double divisor = 1;

    for (size_t i = 0; i < sizeof(terms) / sizeof(terms[0]); i++) {
        divisor *= degrees;
        sum += terms[i] / divisor;
    }
    return z * sum;
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

/* The square of the standard error of the mean. */
static double error_of(const double *values, size_t count, double mean)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (double)(count - 1) / (double)count;
}

struct welch welch_of(const double *first, size_t first_count, const double *last,
                      size_t last_count)
{
    struct welch welch = {.first = mean_of(first, first_count),
                          .last = mean_of(last, last_count)};

    assert(first_count >= 2 && last_count >= 2);
    const double a = error_of(first, first_count, welch.first);
    const double b = error_of(last, last_count, welch.last);
    const double squares =
        a * a / (double)(first_count - 1) + b * b / (double)(last_count - 1);
    /* Where nothing varies there is nothing to doubt. */
    const double degrees = squares > 0 ? (a + b) * (a + b) / squares : 2;
    const double half = welch_t(Z, fmax(degrees, 2)) * sqrt(a + b);

    welch.low = welch.last - welch.first - half;
    welch.high = welch.last - welch.first + half;
    return welch;
}

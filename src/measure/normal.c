#include "measure/normal.h"

#include <math.h>

double normal_deviations(double share)
{
    double low = 0;
    double high = 10;

    for (int i = 0; i < 50; i++) {
        const double middle = (low + high) / 2;

        if (0.5 * erfc(middle / sqrt(2)) > share)
            low = middle;
        else
            high = middle;
    }
    return high;
}

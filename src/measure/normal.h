/* The normal distribution. Pure. */
#pragma once

/* Beyond how many deviations above the mean a share of it lies: 1.96 for 0.025. share: above 0, at most 0.5. */
double normal_deviations(double share);

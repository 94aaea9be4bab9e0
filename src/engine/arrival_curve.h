/*
 * Arrivals along the curve of the phases. Time is rescaled: gaps are drawn for a rate of 1, and the
 * n-th arrival comes when the integral of the rate reaches the sum of the first n gaps. So constant,
 * Poisson and gamma arrivals follow the same curve exactly, however it is bent (D. J. Daley and D.
 * Vere-Jones, An Introduction to the Theory of Point Processes, vol. 1, section 7.4; for Poisson also E.
 * Çinlar, Introduction to Stochastic Processes, section 4.7). Constant arrivals begin at once; the others with a gap.
 *
 * All workers draw the same gaps, and each takes its own arrivals.
 */
#pragma once

#include <stdint.h>

struct arrival_times;
struct plan;

/* Phases are copied. Returns 0 or -ENOMEM. */
int arrival_curve_new(const struct plan *plan, struct arrival_times **ret_times);

/*
 * Think time: how long a person pauses. Draws a plan_pause and gives its exact mean, so that every
 * run can show that the pauses it drew are those that were asked for. It reads no clock.
 *
 * Values outside [min, max] are drawn again, at most PAUSE_TRIES times; then the nearer limit is
 * taken. Both the draws and the mean follow that rule, so they agree however narrow the limits.
 */
#pragma once

#include <stdint.h>

struct plan_pause;
struct rng;

/* A draw that missed this often is moved to the limit it missed. */
#define PAUSE_TRIES 64

/* One pause in ns, within [min, max]. */
uint64_t pause_draw_ns(const struct plan_pause *pause, struct rng *rng);

/* The expected value of pause_draw_ns, in ns. */
double pause_mean_ns(const struct plan_pause *pause);

/* The standard deviation before min and max are applied, in ns: what a test of means scales by. */
double pause_raw_sd_ns(const struct plan_pause *pause);

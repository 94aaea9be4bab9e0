/*
 * What --users and --duration do to the phases of a load. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;
struct plan_phase;

/*
 * Scales every level so that the highest is peak: rounded to the nearest, but whoever was there
 * stays at least one. Returns false where no phase has users.
 */
bool scale_users(struct plan_phase *phases, size_t count, uint64_t peak);

/* The same for rates of arrivals; peak_per_s above 0. Returns false where no phase has a rate. */
bool scale_rates(struct plan_phase *phases, size_t count, double peak_per_s);

/*
 * Scales every duration so that they sum to exactly duration_ns, and what is left out of the
 * measured window with them.
 */
void scale_duration(struct plan *plan, struct plan_phase *phases, uint64_t duration_ns);

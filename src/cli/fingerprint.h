/*
 * The fingerprint of a workload (DESIGN section 3, "Determinism"): SHA-256 over what the plan asks
 * for and over what its users would first say. It does not depend on targets, model aliases,
 * secrets, thresholds, outputs, nor on how many workers share the load: two runs with the same
 * fingerprint can be compared.
 */
#pragma once

#include "base/clock.h"

struct data;
struct plan;

/* Hex of a SHA-256, with its NUL. */
#define FINGERPRINT_BYTES 65

/*
 * The first requests of each user, within the first stretch of load, count; of a population larger
 * than FINGERPRINT_USERS, those of every n-th user, so that it is made in some 50 ms. Of an open loop:
 * those of its first FINGERPRINT_USERS arrivals.
 */
#define FINGERPRINT_USERS 1000
#define FINGERPRINT_REQUESTS 16
#define FINGERPRINT_STRETCH_NS (30 * NS_PER_S)

/* Changes whenever the same plan makes other requests than before. */
#define FINGERPRINT_GENERATOR "1"

/* Writes "" where memory ran out. */
void fingerprint_of_plan(const struct plan *plan, const struct data *data,
                         char fingerprint[static FINGERPRINT_BYTES]);

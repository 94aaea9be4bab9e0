/*
 * What an exposition tells, and the one before it → a reading: counters become rates, sums and counts become
 * means, of the time between the two. Pure.
 */
#pragma once

#include "measure/backend_book.h"
#include "platform/backend_quantity.h"

/*
 * before: of the same server, earlier; NULL: there is none, and what needs one is not told. A counter that is
 * less than it was began anew, and nothing is said of its time.
 */
struct backend_reading backend_derive(const struct backend_raw *before,
                                      const struct backend_raw *now);

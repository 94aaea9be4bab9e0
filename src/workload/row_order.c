#include "workload/row_order.h"

#include <errno.h>
#include <stdbool.h>

#include "base/rng.h"

/* No two users and takes have the same place, but that it wraps around after 2^64. */
static uint64_t place_of(const struct row_order *order, uint64_t user, uint64_t take)
{
    return order->takes ? user * order->takes + take : user + take * order->peak;
}

static uint64_t draw(const struct row_order *order, uint64_t user, uint64_t take)
{
    struct rng rng;

    rng_init(&rng, order->seed, user, take, RNG_FEEDER);
    return rng_below(&rng, order->rows);
}

/* Whether the place is this user's, and a row lies there: elsewhere they would come upon others' rows. */
static bool is_own(const struct row_order *order, uint64_t user, uint64_t take)
{
    if (order->takes ? take >= order->takes || user > order->rows / order->takes
                     : user >= order->peak || take > order->rows / order->peak)
        return false;
    return place_of(order, user, take) < order->rows;
}

int row_order_take(const struct row_order *order, uint64_t user, uint64_t take,
                   uint64_t *ret_row)
{
    switch (order->order) {
    case PLAN_ORDER_SEQUENTIAL:
        *ret_row = place_of(order, user, take) % order->rows;
        return 0;
    case PLAN_ORDER_RANDOM:
        *ret_row = draw(order, user, take);
        return 0;
    case PLAN_ORDER_UNIQUE:
        if (!is_own(order, user, take))
            return -ENODATA;
        *ret_row = place_of(order, user, take);
        return 0;
    }
    return -ENODATA;
}

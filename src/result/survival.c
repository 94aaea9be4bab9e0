#include "result/survival.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY 256
/* 32 bytes each; the quantiles of so many are as good as those of all. */
#define OBSERVATIONS_MAX 200000

void survival_deinit(struct survival *survival)
{
    free(survival->observations);
    *survival = (struct survival){0};
}

static int grow(struct survival *survival)
{
    const size_t capacity =
        survival->capacity > 0 ? survival->capacity * 2 : FIRST_CAPACITY;
    struct observation *grown =
        reallocarray(survival->observations, capacity, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    if (survival->capacity == 0)
        rng_init(&survival->rng, 0, 0, 0, RNG_WORDS);
    survival->observations = grown;
    survival->capacity = capacity;
    return 0;
}

/* Algorithm R (Vitter, "Random Sampling with a Reservoir", 1985) once there is no more room. */
int survival_add(struct survival *survival, struct observation observation)
{
    if (!(observation.weight > 0))
        return 0;
    survival->seen++;
    survival->uncensored += !observation.is_censored;
    if (survival->count == OBSERVATIONS_MAX) {
        const uint64_t at = rng_below(&survival->rng, survival->seen);

        if (at < OBSERVATIONS_MAX)
            survival->observations[at] = observation;
        return 0;
    }
    if (survival->count == survival->capacity && grow(survival) < 0)
        return -ENOMEM;
    survival->observations[survival->count++] = observation;
    return 0;
}

/* Of two at the same place the censored comes last: it outlived the other. */
static int compare(const void *a, const void *b)
{
    const struct observation *one = a;
    const struct observation *other = b;

    if (one->least != other->least)
        return one->least < other->least ? -1 : 1;
    return one->is_censored - other->is_censored;
}

/* A walk through the observations: how much of the distribution lies before each. */
struct walk {
    double below;   /* probability of what was passed */
    double at_risk; /* weight of what was not */
};

/* The probability of the next observation. */
static double pass(struct walk *walk, const struct observation *observation)
{
    const double share = observation->weight / walk->at_risk;
    const double mass = observation->is_censored ? 0 : (1 - walk->below) * share;

    walk->at_risk -= observation->weight;
    walk->below += mass;
    return mass;
}

bool survival_quantiles(struct survival *survival, size_t count, double *ret_points)
{
    struct walk walk = {0};
    size_t next = 0; /* quantile to be found */

    if (survival->uncensored == 0)
        return false;
    qsort(survival->observations, survival->count, sizeof(*survival->observations),
          compare);
    for (size_t i = 0; i < survival->count; i++)
        walk.at_risk += survival->observations[i].weight;
    for (size_t i = 0; i < survival->count; i++) {
        const struct observation *at = &survival->observations[i];
        const double before = walk.below;
        const double mass = pass(&walk, at);

        for (; mass > 0 && next < count; next++) {
            const double wanted = (double)next / (double)(count - 1);

            if (wanted > walk.below)
                break;
            ret_points[next] =
                at->least + (at->most - at->least) * (wanted - before) / mass;
        }
    }
    for (; next < count; next++) {
        const struct observation *last = &survival->observations[survival->count - 1];

        ret_points[next] = last->is_censored ? last->least : last->most;
    }
    return true;
}

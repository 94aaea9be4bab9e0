/*
 * The tally: what is counted by combinations of labels, within a budget of series (see
 * measure/snapshot.h). A label set is looked up once; after that the way to its cells is an array
 * index, and counting allocates nothing.
 *
 * A combination that is new takes its series from the budget, first come, first served; so does the
 * first failure of a kind. Users have half of the budget set aside, the first of them by ordinal: so
 * a crowd of users cannot displace models and backends, and no series ever changes its meaning.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/model_tally.h"
#include "measure/observe.h"
#include "measure/snapshot.h"

struct labels;
struct operation;
struct sample;

/* Series of a user: questions, tokens, cost, errors. */
#define TALLY_USER_SERIES 4

struct tally_route {
    bool known; /* false: the set was not used yet */
    uint32_t timing;
    uint32_t counts;
    bool has_model;
    uint32_t model; /* index into models */
};

struct tally {
    size_t series_left; /* of the budget, for combinations */
    size_t user_max;    /* users with series of their own */
    uint64_t overflown; /* label sets that count as `other` */
    struct timing_cell *timings;
    size_t timing_count;
    size_t timing_cap;
    struct count_cell *counts;
    size_t count_count;
    size_t count_cap;
    struct model_tally models;
    struct tally_route *routes; /* by label set */
    size_t route_count;
    struct buckets client[BUCKETS_CLIENT_KINDS];
    struct user_view users; /* all together; its ordinal is the highest */
};

/*
 * own: series that the plan makes whatever happens (its phases, checks and metrics), which the budget
 * pays for. Returns 0 or -ENOMEM.
 */
int tally_init(struct tally *tally, size_t max_series, size_t own);
void tally_deinit(struct tally *tally);

/* Makes the route of a label set that has none yet; NULL when memory is out. */
const struct tally_route *tally_add_route(struct tally *tally,
                                          const struct labels *labels, uint32_t id);

/* The route of a label set, until the next is made; NULL when memory is out. On the hot path. */
static inline const struct tally_route *
tally_route(struct tally *tally, const struct labels *labels, uint32_t id)
{
    if (id < tally->route_count && tally->routes[id].known)
        return &tally->routes[id];
    return tally_add_route(tally, labels, id);
}

/* A gap between two output chunks. Returns whether there was memory for it. On the hot path. */
static inline bool tally_gap(struct tally *tally, const struct labels *labels,
                             uint32_t id, uint64_t gap_ns)
{
    const struct tally_route *route = tally_route(tally, labels, id);

    if (!route)
        return false;
    buckets_add(&tally->timings[route->timing].buckets[BUCKETS_ICL], BUCKETS_ICL, gap_ns);
    return true;
}

/* What the client sees of itself; kind: one that is not labelled. On the hot path. */
static inline void tally_client(struct tally *tally, enum buckets_kind kind,
                                uint64_t value_ns)
{
    buckets_add(&tally->client[kind - BUCKETS_LABELLED_KINDS], kind, value_ns);
}

/* An attempt that is over, with what was observed of it. Returns as tally_gap(). */
bool tally_sample(struct tally *tally, const struct labels *labels,
                  const struct sample *sample, const struct observation *observations,
                  size_t count);

/* An operation that is over, by its SLOs. Likewise. */
bool tally_operation(struct tally *tally, const struct labels *labels,
                     const struct operation *operation);

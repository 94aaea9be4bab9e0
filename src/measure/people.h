/*
 * What each user did, over the whole run: attempts that are over → counters by user.
 *
 * Users are numbered from 0 without gaps, so a user is found by an index and never searched. The counters
 * stand in blocks of 512 users, 384 bytes a user of which most are latencies (measure/brief.h). A block is
 * made when the first of them is through with a request; after that nothing is allocated, and nothing ever
 * moves.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/brief.h"
#include "measure/recorder.h"

struct observation;
struct sample;

#define PEOPLE_PER_BLOCK 512
#define PEOPLE_BLOCKS (RECORDER_USERS / PEOPLE_PER_BLOCK)

/* All but the ordinal, which is where it stands. */
struct person {
    uint64_t requests;
    uint64_t questions;
    uint64_t failed;
    uint64_t prompt_tokens;
    uint64_t completion_tokens;
    int64_t cost_pusd;
    struct brief latency; /* e2e */
};

struct people {
    uint64_t stride; /* ordinals between two users of this worker */
    struct person *blocks[PEOPLE_BLOCKS];
    struct person others; /* those past RECORDER_USERS together */
};

/* worker_count: over which the ordinals are dealt; 0 stands for 1. */
void people_init(struct people *people, uint32_t worker_count);
void people_deinit(struct people *people);

/* A user's place, made where it is new; NULL when memory is out. */
struct person *people_find(struct people *people, uint64_t ordinal);

/*
 * An attempt is over; observations: what follows from it. Returns whether there was memory for it.
 */
bool people_add(struct people *people, const struct sample *sample,
                const struct observation *observations, size_t count);

/* Each user with an attempt that is over, by ordinal; worker_index: of the plan. */
void people_each(const struct people *people, uint32_t worker_index, user_fn *fn,
                 void *ctx);

/*
 * Copies the users among the first max of this worker's ordinals who have a request that is over.
 * ret_users: room for max; they have no latencies. Returns how many there are.
 */
size_t people_copy(const struct people *people, uint32_t worker_index, size_t max,
                   struct user_view *ret_users);

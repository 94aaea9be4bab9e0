/*
 * Which arm of an A/B comparison (plan/ab.h) a user acts for, and what they say in its name. Without arms, everybody
 * is as the scenario has them.
 *
 * Where iterations are dealt, those of one round (workload/arms.h) begin with the same: the same random streams, the
 * same rows, the same questions, and no more knowledge than setup left. Where arrivals or people are, what they say
 * follows from the round's number in place of their own.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct dataset_place;
struct engine;
struct knowledge_row;
struct user;

/* Who somebody is: their class, and what all they draw is keyed by. */
struct arm_seat {
    uint32_t class_index;
    uint64_t key;
};

/* Of a user by their ordinal, when they are made. */
struct arm_seat arm_seat_of_user(const struct engine *engine, uint64_t ordinal);

/* Of an arrival by its number. */
struct arm_seat arm_seat_of_arrival(const struct engine *engine, uint64_t number);

/* How far a user had got when the round at hand began. All zero: nothing was noted. */
struct arm_start {
    uint64_t walks;
    uint64_t questions;
    uint64_t operations;
    struct knowledge_row
        *rows; /* owned: as many as the plan has feeders; NULL: none was taken */
    struct dataset_place *places; /* owned: as many as it has datasets; likewise */
};

void arm_start_deinit(struct arm_start *start);

/* Another incarnation of a user begins, before anything is known to it. */
void arm_begin_life(struct user *user);

/*
 * An iteration of a closed loop is about to begin: it is dealt to an arm. Where memory is out the run stops for it.
 */
void arm_begin_iteration(struct user *user);

/* Setup and teardown of users whose iterations are dealt are no arm's. */
void arm_leave(struct user *user);

/* The nonce of what they say. */
uint64_t arm_nonce(const struct user *user);

/* Whether what they say is not theirs but their round's: then their organization has no part in it. */
bool arm_speaks_for_many(const struct user *user);

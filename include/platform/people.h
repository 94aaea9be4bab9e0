/*
 * Who is to be at the platform: names and numbers of organizations and their users, the same in every run
 * of a seed and for any number of workers. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct buf;
struct plan;

/* How many users the organization of an index (from 1) has, whoever makes them. */
uint64_t people_in_organization(const struct plan *plan, uint64_t index);

/* The users of an organization that a worker takes: those whose index (from 1) is first, first + step, … */
struct people_share {
    uint64_t first;
    uint64_t step;
};

/*
 * Whether the plan's worker takes an organization, and which of its users. Worker w of N takes those
 * whose index − 1 ≡ w mod N; where there are fewer organizations than workers, w takes the one at w mod
 * their number, with others who split its users.
 */
bool people_takes(const struct plan *plan, uint64_t index,
                  struct people_share *ret_share);

/* How many users this worker takes in all. */
uint64_t people_count(const struct plan *plan);

/* What an organization may spend; 0: as much as it likes. */
int64_t people_budget_pusd(const struct plan *plan, const char *organization);

/* Append a name, an address. Errors of buf. */
int people_write_organization(const struct plan *plan, uint64_t index, struct buf *out);
int people_write_email(const struct plan *plan, const char *organization, uint64_t index,
                       struct buf *out);

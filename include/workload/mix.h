/*
 * The class mix: which class of person a user ordinal belongs to. A pure function of the classes
 * and the ordinal, so the mix is the same for any number of workers; and as even as whole users
 * allow: among ordinals 0 … n−1 each class has its share of n to within one user, for every n.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct mix;
struct plan;

/* What a class asks for. Exactly one of the two is above 0, or both are 0: nobody. */
struct mix_class {
    uint32_t weight; /* share of the users that no fixed count takes */
    uint64_t count;  /* that many users, spread evenly over the first `users` ordinals */
};

/*
 * Deals users to classes. users: the highest number of users the load ever wants; where the fixed
 * counts exceed it, users grows to their sum. Ordinals from `users` on go to the weighted classes,
 * or, where all counts are fixed, start over.
 * Returns 0; -EINVAL when no class takes anybody or there are more than UINT16_MAX classes;
 * -ERANGE when `users` and counts or the sum of weights pass MIX_MAX_PERIOD; -ENOMEM.
 */
int mix_new(struct mix **ret_mix, const struct mix_class *classes, size_t class_count,
            uint64_t users);

/* The mix of a plan's classes at its peak. Returns as mix_new. */
int mix_of_plan(struct mix **ret_mix, const struct plan *plan);

/* Releases the mix; NULL is allowed. Returns NULL. */
struct mix *mix_free(struct mix *mix);

/* The class of a user. */
size_t mix_class_of(const struct mix *mix, uint64_t ordinal);

/* The longest sequence that is kept (2 bytes each) before it repeats. */
#define MIX_MAX_PERIOD UINT64_C(1048576)

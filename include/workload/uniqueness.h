/*
 * Uniqueness: the share of distinct texts among those really sent. Exact while it holds at most
 * UNIQUENESS_MAX distinct texts. From then on it samples by hash (Wegman's adaptive sampling;
 * Flajolet 1990): it keeps the texts whose hash ends in `level` zero bits, with all their repeats,
 * so that the ratio stays unbiased (standard error below 0.4%), and is 1 when nothing repeats.
 * Bounded: 768 KiB, and growing or thinning never holds the caller for a millisecond. Two texts of
 * one 64-bit hash count as one: among ten million texts the chance of such a pair is 3 in a million.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Distinct texts held at most. */
#define UNIQUENESS_MAX UINT32_C(32768)

struct uniqueness;

/* Returns 0 or -ENOMEM. */
int uniqueness_new(struct uniqueness **ret_uniqueness);

/* Releases it; NULL is allowed. Returns NULL. */
struct uniqueness *uniqueness_free(struct uniqueness *uniqueness);

/* The hash to note a text by. */
uint64_t uniqueness_hash(const void *bytes, size_t len);

/*
 * Counts one text. Returns 0; or -ENOMEM, and the text is left out of the ratio (but not of
 * uniqueness_noted).
 */
int uniqueness_note(struct uniqueness *uniqueness, uint64_t hash);

/* Distinct over sent, in (0, 1]; NAN before the first note. */
double uniqueness_ratio(const struct uniqueness *uniqueness);

/* How many texts were noted in all. */
uint64_t uniqueness_noted(const struct uniqueness *uniqueness);

/* 0: exact; n: one in 2^n texts is looked at. */
uint32_t uniqueness_level(const struct uniqueness *uniqueness);

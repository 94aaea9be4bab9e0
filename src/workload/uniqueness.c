#include "workload/uniqueness.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

#define FIRST_SLOTS UINT32_C(1024)

/*
 * An open-addressed table with linear probing, at most half full. Hash 0 marks a free slot, so a
 * text of that hash is noted as 1.
 */
struct uniqueness {
    uint64_t *hashes;
    uint32_t *counts;  /* how often each was noted; saturates */
    uint32_t slots;    /* a power of two */
    uint32_t distinct; /* slots in use */
    uint32_t level;    /* hashes in the table end in this many zero bits */
    uint64_t sampled;  /* notes of the texts in the table */
    uint64_t noted;    /* notes of all texts */
};

static int new_slots(struct uniqueness *uniqueness, uint32_t slots)
{
    uint64_t *hashes = calloc(slots, sizeof(*hashes));
    uint32_t *counts = calloc(slots, sizeof(*counts));

    if (!hashes || !counts) {
        free(hashes);
        free(counts);
        return -ENOMEM;
    }
    uniqueness->hashes = hashes;
    uniqueness->counts = counts;
    uniqueness->slots = slots;
    return 0;
}

int uniqueness_new(struct uniqueness **ret_uniqueness)
{
    struct uniqueness *uniqueness = calloc(1, sizeof(*uniqueness));

    if (!uniqueness)
        return -ENOMEM;
    if (new_slots(uniqueness, FIRST_SLOTS) < 0) {
        free(uniqueness);
        return -ENOMEM;
    }
    *ret_uniqueness = uniqueness;
    return 0;
}

struct uniqueness *uniqueness_free(struct uniqueness *uniqueness)
{
    if (uniqueness) {
        free(uniqueness->hashes);
        free(uniqueness->counts);
        free(uniqueness);
    }
    return NULL;
}

uint64_t uniqueness_hash(const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    uint64_t hash = rng_mix(len + 1);
    uint64_t word;

    for (; len >= sizeof(word); at += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        hash = rng_mix(hash ^ word);
    }
    if (len > 0) {
        word = 0;
        memcpy(&word, at, len);
        hash = rng_mix(hash ^ word);
    }
    return hash;
}

/* Where a hash is, or the free slot where it belongs. The high bits place: the low ones sample. */
static uint32_t slot_of(const struct uniqueness *uniqueness, uint64_t hash)
{
    uint32_t slot = (uint32_t)(hash >> 32) & (uniqueness->slots - 1);

    while (uniqueness->hashes[slot] != 0 && uniqueness->hashes[slot] != hash)
        slot = (slot + 1) & (uniqueness->slots - 1);
    return slot;
}

static bool is_sampled(const struct uniqueness *uniqueness, uint64_t hash)
{
    return (hash & ((UINT64_C(1) << uniqueness->level) - 1)) == 0;
}

/* Moves what the current level still samples into a table of its own. */
static int rebuild(struct uniqueness *uniqueness, uint32_t slots)
{
    struct uniqueness old = *uniqueness;
    const int r = new_slots(uniqueness, slots);

    if (r < 0)
        return r;

    uniqueness->distinct = 0;
    uniqueness->sampled = 0;
    for (uint32_t i = 0; i < old.slots; i++) {
        uint32_t slot;

        if (old.hashes[i] == 0 || !is_sampled(uniqueness, old.hashes[i]))
            continue;
        slot = slot_of(uniqueness, old.hashes[i]);
        uniqueness->hashes[slot] = old.hashes[i];
        uniqueness->counts[slot] = old.counts[i];
        uniqueness->distinct++;
        uniqueness->sampled += old.counts[i];
    }
    free(old.hashes);
    free(old.counts);
    return 0;
}

/* Makes room for one more text: a bigger table, or a thinner sample. */
static int make_room(struct uniqueness *uniqueness)
{
    const uint32_t level = uniqueness->level;
    int r = 0;

    if (uniqueness->slots < 2 * UNIQUENESS_MAX)
        return rebuild(uniqueness, 2 * uniqueness->slots);

    while (r == 0 && uniqueness->distinct >= UNIQUENESS_MAX && uniqueness->level < 63) {
        uniqueness->level++;
        r = rebuild(uniqueness, uniqueness->slots);
    }
    if (r < 0)
        uniqueness->level = level;
    return r;
}

int uniqueness_note(struct uniqueness *uniqueness, uint64_t hash)
{
    uint32_t slot;
    int r;

    if (hash == 0)
        hash = 1;
    uniqueness->noted++;
    if (!is_sampled(uniqueness, hash))
        return 0;

    slot = slot_of(uniqueness, hash);
    if (uniqueness->hashes[slot] == 0 && uniqueness->distinct >= uniqueness->slots / 2) {
        r = make_room(uniqueness);
        if (r < 0)
            return r;
        if (!is_sampled(uniqueness, hash))
            return 0;
        slot = slot_of(uniqueness, hash);
    }

    if (uniqueness->hashes[slot] == 0) {
        uniqueness->hashes[slot] = hash;
        uniqueness->distinct++;
    }
    if (uniqueness->counts[slot] < UINT32_MAX) {
        uniqueness->counts[slot]++;
        uniqueness->sampled++;
    }
    return 0;
}

double uniqueness_ratio(const struct uniqueness *uniqueness)
{
    if (uniqueness->sampled == 0)
        return (double)NAN;
    return (double)uniqueness->distinct / (double)uniqueness->sampled;
}

uint64_t uniqueness_noted(const struct uniqueness *uniqueness)
{
    return uniqueness->noted;
}

uint32_t uniqueness_level(const struct uniqueness *uniqueness)
{
    return uniqueness->level;
}

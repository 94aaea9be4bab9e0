#include "measure/labels.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SETS_AT_FIRST 16
#define SLOTS_AT_FIRST 64   /* a power of two, more than twice SETS_AT_FIRST */
#define EXTENSIONS_KEPT 256 /* a power of two */

struct label_set {
    struct label *labels; /* sorted by key; one block of memory with its texts */
    size_t count;
    uint64_t hash;
};

/* What labels_extend answered lately. Nothing is kept of `other`, so id 0 is a free place. */
struct extension {
    uint64_t hash; /* of key and value */
    uint32_t base;
    uint32_t id;
};

struct labels {
    struct label_set *sets; /* by id; the first is `other`, without labels */
    size_t count;
    size_t cap;
    size_t max_sets;
    uint32_t *
        slots; /* open addressing by hash: ids, 0 where free; never more than half full */
    size_t slot_count;
    struct label *scratch; /* the set being looked up, sorted */
    size_t scratch_cap;
    uint64_t overflown;
    struct extension extensions[EXTENSIONS_KEPT];
};

/* FNV-1a, 64 bits (draft-eastlake-fnv), over the text and its NUL, so that "ab","c" ≠ "a","bc". */
static uint64_t hash_text(uint64_t hash, const char *text)
{
    const char *at = text;

    do {
        hash ^= (unsigned char)*at;
        hash *= UINT64_C(0x100000001b3);
    } while (*at++);
    return hash;
}

static uint64_t hash_labels(const struct label *labels, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < count; i++) {
        hash = hash_text(hash, labels[i].key);
        hash = hash_text(hash, labels[i].value);
    }
    return hash;
}

int labels_new(size_t max_sets, struct labels **ret_labels)
{
    struct labels *labels = calloc(1, sizeof(*labels));

    assert(max_sets >= 1);
    if (!labels)
        return -ENOMEM;
    labels->max_sets = max_sets < UINT32_MAX ? max_sets : UINT32_MAX;
    labels->cap = SETS_AT_FIRST;
    labels->sets = calloc(labels->cap, sizeof(*labels->sets));
    labels->slot_count = SLOTS_AT_FIRST;
    labels->slots = calloc(labels->slot_count, sizeof(*labels->slots));
    if (!labels->sets || !labels->slots) {
        labels_free(labels);
        return -ENOMEM;
    }
    labels->count = 1;
    *ret_labels = labels;
    return 0;
}

struct labels *labels_free(struct labels *labels)
{
    if (!labels)
        return NULL;
    for (size_t i = 0; i < labels->count; i++)
        free(labels->sets[i].labels);
    free(labels->sets);
    free(labels->slots);
    free(labels->scratch);
    free(labels);
    return NULL;
}

static bool same_labels(const struct label_set *set, const struct label *labels,
                        size_t count)
{
    if (set->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(set->labels[i].key, labels[i].key) != 0 ||
            strcmp(set->labels[i].value, labels[i].value) != 0)
            return false;
    }
    return true;
}

/* The place of a set: its own, or the free one where it belongs. */
static uint32_t *find_slot(struct labels *labels, uint64_t hash, const struct label *set,
                           size_t count)
{
    const size_t mask = labels->slot_count - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        const struct label_set *there = &labels->sets[labels->slots[i]];

        if (labels->slots[i] == LABELS_OTHER ||
            (there->hash == hash && same_labels(there, set, count)))
            return &labels->slots[i];
    }
}

static int grow_slots(struct labels *labels)
{
    const size_t slot_count = labels->slot_count * 2;
    uint32_t *slots = calloc(slot_count, sizeof(*slots));

    if (!slots)
        return -ENOMEM;
    free(labels->slots);
    labels->slots = slots;
    labels->slot_count = slot_count;
    for (uint32_t id = 1; id < labels->count; id++) {
        size_t i = labels->sets[id].hash & (slot_count - 1);

        while (slots[i] != LABELS_OTHER)
            i = (i + 1) & (slot_count - 1);
        slots[i] = id;
    }
    return 0;
}

/* Room for one set more. */
static int make_room(struct labels *labels)
{
    if (labels->count == labels->cap) {
        const size_t cap = labels->cap * 2;
        struct label_set *sets = reallocarray(labels->sets, cap, sizeof(*sets));

        if (!sets)
            return -ENOMEM;
        labels->sets = sets;
        labels->cap = cap;
    }
    if (labels->count * 2 >= labels->slot_count)
        return grow_slots(labels);
    return 0;
}

/* A copy of sorted labels and their texts in one block. */
static struct label *copy_labels(const struct label *labels, size_t count)
{
    size_t bytes = count * sizeof(*labels);
    struct label *copy;
    char *text;

    for (size_t i = 0; i < count; i++)
        bytes += strlen(labels[i].key) + strlen(labels[i].value) + 2;
    copy = malloc(bytes ? bytes : 1);
    if (!copy)
        return NULL;
    text = (char *)(copy + count);
    for (size_t i = 0; i < count; i++) {
        copy[i].key = text;
        text = stpcpy(text, labels[i].key) + 1;
        copy[i].value = text;
        text = stpcpy(text, labels[i].value) + 1;
    }
    return copy;
}

/* The id of the sorted set in scratch. */
static int intern_scratch(struct labels *labels, size_t count, uint32_t *ret_id)
{
    const uint64_t hash = hash_labels(labels->scratch, count);
    const uint32_t known = *find_slot(labels, hash, labels->scratch, count);
    struct label *copy;

    if (known != LABELS_OTHER) {
        *ret_id = known;
        return 0;
    }
    if (labels->count >= labels->max_sets) {
        labels->overflown++;
        *ret_id = LABELS_OTHER;
        return 0;
    }
    if (make_room(labels) < 0)
        return -ENOMEM;
    copy = copy_labels(labels->scratch, count);
    if (!copy)
        return -ENOMEM;
    *ret_id = (uint32_t)labels->count++;
    labels->sets[*ret_id] =
        (struct label_set){.labels = copy, .count = count, .hash = hash};
    *find_slot(labels, hash, copy, count) = *ret_id;
    return 0;
}

static int reserve_scratch(struct labels *labels, size_t count)
{
    struct label *scratch;

    if (count <= labels->scratch_cap)
        return 0;
    scratch = reallocarray(labels->scratch, count, sizeof(*scratch));
    if (!scratch)
        return -ENOMEM;
    labels->scratch = scratch;
    labels->scratch_cap = count;
    return 0;
}

/* Puts a label where it belongs among count sorted ones, or takes its key away. New count. */
static size_t put_label(struct label *sorted, size_t count, struct label label)
{
    const bool empty = !label.value || !label.value[0];
    size_t at = 0;

    while (at < count && strcmp(sorted[at].key, label.key) < 0)
        at++;
    if (at < count && strcmp(sorted[at].key, label.key) == 0) {
        if (!empty) {
            sorted[at] = label;
            return count;
        }
        memmove(&sorted[at], &sorted[at + 1], (count - at - 1) * sizeof(*sorted));
        return count - 1;
    }
    if (empty)
        return count;
    memmove(&sorted[at + 1], &sorted[at], (count - at) * sizeof(*sorted));
    sorted[at] = label;
    return count + 1;
}

int labels_intern(struct labels *labels, const struct label *set, size_t count,
                  uint32_t *ret_id)
{
    size_t kept = 0;

    if (reserve_scratch(labels, count + 1) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        kept = put_label(labels->scratch, kept, set[i]);
    return intern_scratch(labels, kept, ret_id);
}

int labels_extend(struct labels *labels, uint32_t base, const char *key,
                  const char *value, uint32_t *ret_id)
{
    const struct label label = {.key = key, .value = value ? value : ""};
    const uint64_t hash = hash_labels(&label, 1);
    struct extension *lately =
        &labels->extensions[(hash ^ (hash >> 32) ^ base) & (EXTENSIONS_KEPT - 1)];
    const struct label_set *set;
    const char *there;
    size_t count;
    int r;

    assert(base < labels->count);
    if (base == LABELS_OTHER) {
        labels->overflown++;
        *ret_id = LABELS_OTHER;
        return 0;
    }
    if (lately->id != LABELS_OTHER && lately->base == base && lately->hash == hash) {
        there = labels_value(labels, lately->id, key);
        if (there && strcmp(there, label.value) == 0) {
            *ret_id = lately->id;
            return 0;
        }
    }

    set = &labels->sets[base];
    if (reserve_scratch(labels, set->count + 1) < 0)
        return -ENOMEM;
    if (set->count)
        memcpy(labels->scratch, set->labels, set->count * sizeof(*set->labels));
    count = put_label(labels->scratch, set->count, label);
    r = intern_scratch(labels, count, ret_id);
    if (r == 0)
        *lately = (struct extension){.hash = hash, .base = base, .id = *ret_id};
    return r;
}

const struct label *labels_of(const struct labels *labels, uint32_t id, size_t *ret_count)
{
    assert(id < labels->count);
    *ret_count = labels->sets[id].count;
    return labels->sets[id].labels;
}

const char *labels_value(const struct labels *labels, uint32_t id, const char *key)
{
    const struct label_set *set = &labels->sets[id];

    assert(id < labels->count);
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->labels[i].key, key) == 0)
            return set->labels[i].value;
    }
    return NULL;
}

size_t labels_count(const struct labels *labels)
{
    return labels->count;
}

uint64_t labels_overflown(const struct labels *labels)
{
    return labels->overflown;
}

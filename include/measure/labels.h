/*
 * Label sets: open key=value sets that say what a figure is about, interned at first use, so that
 * recording a sample is an array index. At most max_sets exist; past that all new sets become the
 * set `other`, and are counted.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct labels;

struct label {
    const char *key;   /* "model"; see label_key_* for the common ones */
    const char *value; /* copied when interned */
};

/* The set that stands for all sets past the limit. Always there. */
#define LABELS_OTHER 0

/* max_sets ≥ 1. Returns 0 or -ENOMEM. */
int labels_new(size_t max_sets, struct labels **ret_labels);
struct labels *labels_free(struct labels *labels);

/*
 * The id of a set; order does not matter, a key stands once, NULL and "" values are left out.
 * Returns 0 with the id (LABELS_OTHER past the limit), or -ENOMEM.
 */
int labels_intern(struct labels *labels, const struct label *set, size_t count,
                  uint32_t *ret_id);

/* The id of the set `base` with one label more (or replaced). As labels_intern. */
int labels_extend(struct labels *labels, uint32_t base, const char *key,
                  const char *value, uint32_t *ret_id);

/* The labels of a set, sorted by key. Borrowed until labels_free. */
const struct label *labels_of(const struct labels *labels, uint32_t id,
                              size_t *ret_count);

/* A label's value, or NULL. */
const char *labels_value(const struct labels *labels, uint32_t id, const char *key);

size_t labels_count(const struct labels *labels);       /* sets, `other` included */
uint64_t labels_overflown(const struct labels *labels); /* interns that became `other` */

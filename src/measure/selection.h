/*
 * Selections: a series of its own for each selector that a threshold names, of the measured window
 * and as fine as the total. A label set is matched against all selectors once; after that which of
 * them an attempt counts in is a bit mask found by an array index.
 *
 * prompt_size is no label, since it is known only when an attempt is over: a selector that names it
 * has the samples of that size, and nothing else, neither gaps (icl) nor operations. Nor is check: a
 * selector that names one has what was found when it was looked at, and nothing else.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "expr/selector.h"
#include "measure/series.h"
#include "plan/plan.h"

struct drift;

struct selection {
    const char *text; /* of the selector, as the plan has it */
    struct selector selector;
    const struct selector_label *prompt_size; /* NULL: of any size */
    const struct selector_label *check;       /* NULL: not of one check */
    struct series series;
    struct drift
        *drift; /* owned; NULL: no threshold on it asks for one (recorder_drift.c) */
    uint64_t since_ns; /* when a reload brought it; 0: it was there from the start */
};

struct selections {
    struct selection each[PLAN_SELECTORS];
    size_t count;
    /* By label set: bit i is set where selector i matches, and the highest once it is known. */
    uint64_t *masks;
    size_t mask_count;
};

#define SELECTION_KNOWN (UINT64_C(1) << 63)

static_assert(PLAN_SELECTORS < 64, "a bit for each selector, and one to know them");

/* The selectors of the plan's thresholds, each once; those past PLAN_SELECTORS are not kept. */
void selections_init(struct selections *selections, const struct plan *plan);
void selections_deinit(struct selections *selections);

/* Whether the plan's selectors that are not there yet find room. */
bool selections_have_room(const struct selections *selections, const struct plan *plan);

/* Adds those, each empty. */
void selections_add(struct selections *selections, const struct plan *plan,
                    uint64_t now_ns);

/* Adds to a copy what the selections that it is of have more. */
void selections_follow(struct selections *copy, const struct selections *from);

/* Matches a label set that has no mask yet. Returns 0, without the known bit, when memory is out. */
uint64_t selections_match(struct selections *selections, const struct labels *labels,
                          uint32_t id);

/* The mask of a label set, with SELECTION_KNOWN; 0 when memory is out. On the hot path. */
static inline uint64_t selections_of(struct selections *selections,
                                     const struct labels *labels, uint32_t id)
{
    if (selections->count == 0)
        return SELECTION_KNOWN;
    if (id < selections->mask_count && selections->masks[id])
        return selections->masks[id];
    return selections_match(selections, labels, id);
}

/* Takes the first selection off the bits of a mask, of which there is one at least. */
static inline struct selection *selections_next(struct selections *selections,
                                                uint64_t *bits)
{
    const int at = __builtin_ctzll(*bits);

    *bits &= *bits - 1;
    return &selections->each[at];
}

/* Whether what is no attempt counts in a selection whose labels match; check: its name, or NULL. */
bool selection_takes_check(const struct selection *selection, const char *check);

/* Whether an attempt of that size of prompt counts in a selection whose labels match. */
bool selection_takes_size(const struct selection *selection, uint64_t prompt_tokens);

/* When a reload brought a selector; 0: it was there from the start, or is not there at all. */
uint64_t selections_since_ns(const struct selections *selections, const char *text);

/* The series of a selector by its text; NULL: no threshold names it. */
const struct series *selections_find(const struct selections *selections,
                                     const char *text);

/* The drift of a selector by its text; NULL: there is none. */
const struct drift *selections_drift(const struct selections *selections,
                                     const char *text);

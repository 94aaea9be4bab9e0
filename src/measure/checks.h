/*
 * Checks by step and name: how often each held and did not. Those of the plan stand there from the
 * start, in its order, so that one that was never looked at is seen too.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "measure/dimension.h"
#include "measure/recorder.h"

struct plan;

struct check_count {
    const char *step;
    const char *name;
    uint64_t passed[PART_COUNT];
    uint64_t failed[PART_COUNT];
};

struct checks {
    struct check_count *each;
    size_t count;
    size_t cap;
};

/* With the checks of the plan's measured steps. Returns 0 or -ENOMEM. */
int checks_init(struct checks *checks, const struct plan *plan);
/* Releases the memory. */
void checks_deinit(struct checks *checks);

/*
 * The place of a check, made where there is none; NULL when memory is out. step and name are borrowed for the life of the
 * table.
 */
struct check_count *checks_find(struct checks *checks, const char *step,
                                const char *name);

/*
 * Counts one; step and name are borrowed for the life of the table. Returns whether there was memory
 * for it, which only a check that is not of the plan takes.
 */
bool checks_add(struct checks *checks, const char *step, const char *name, enum part part,
                bool passed);

/* Makes `into` equal to `from`. Returns 0 or -ENOMEM. */
int checks_follow(struct checks *into, const struct checks *from);

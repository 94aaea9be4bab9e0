/*
 * What was observed of each arm of an A/B comparison (plan/ab.h) by stretches of time, of the measured window, so that
 * their differences can be told from chance. It costs what measure/stretches.h says for each arm: 5 MiB at most.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/arm_view.h"
#include "measure/observe.h"
#include "plan/ab.h"

struct labels;
struct plan;
struct sample;
struct stretches;

/* All zero: the run compares nothing. */
struct arm_book {
    struct stretches *arms[PLAN_ARMS]; /* owned: as many as the plan has */
    size_t count;
    bool is_ended;
};

/* start_ns: of the measured window. Returns 0 or -ENOMEM. */
int arm_book_init(struct arm_book *book, const struct plan *plan, uint64_t start_ns);
void arm_book_deinit(struct arm_book *book);

/* Nothing more counts from then on. */
void arm_book_end(struct arm_book *book, uint64_t end_ns);

/* An attempt of the window is over, with what was observed of it. Returns whether there was memory for it. */
bool arm_book_add(struct arm_book *book, const struct plan *plan,
                  const struct labels *labels, const struct sample *sample,
                  const struct observation *observations, size_t count);

/*
 * What is kept of each model for those who watch (measure/snapshot.h): where the time of its streams goes,
 * the first token by size of the prompt, and how many tokens its requests have. Its series are taken from
 * the tally's budget as they are first needed; past it they count under "other".
 *
 * The stages are those of streams that came whole and had two output chunks or more, and add up to the time
 * from handing a request over to the end of its stream; but the way of the prompt and of the first output,
 * one round trip, is in no stage where the server says how long it read the prompt.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/snapshot.h"

struct sample;

struct model_tally {
    struct model_cell *cells; /* the first is "other" */
    size_t count;
    size_t cap;
};

/* Series that are set aside for "other". */
size_t model_tally_other_series(void);

/* Returns 0 or -ENOMEM. */
int model_tally_init(struct model_tally *tally);
void model_tally_deinit(struct model_tally *tally);

/*
 * Finds the cell of a model or makes it; series_left: what is left of the budget. Returns its index, 0 where
 * there is no budget for it, or -ENOMEM. The name is borrowed.
 */
int64_t model_tally_find(struct model_tally *tally, const char *model,
                         size_t *series_left);

/* An attempt of the model of that index is over. */
void model_tally_sample(struct model_tally *tally, size_t index,
                        const struct sample *sample, size_t *series_left);

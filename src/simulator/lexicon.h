/*
 * The words that the simulated models know. Pure.
 */
#pragma once

#include "base/rng.h"

/* A word, of letters only. Uses one number of the stream. */
const char *lexicon_draw(struct rng *rng);

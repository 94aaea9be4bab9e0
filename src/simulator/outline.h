/*
 * An answer's outline, drawn before it begins: how long it is, and which flaw or fault it has.
 */
#pragma once

struct generation;
struct generation_spec;

/*
 * Draws the tokens of the answer from its lexicon, cut as the request demands, and fits the fault
 * that was drawn for the request to them: one that this answer cannot have is forgotten.
 */
void outline_draw(struct generation *generation, const struct generation_spec *spec);

/* Sorts a fault that is a flaw of the whole answer out of those that strike at a chunk. */
void outline_take_flaw(struct generation *generation);

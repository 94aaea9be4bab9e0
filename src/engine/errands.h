/*
 * The load source of stages beside the load: people who go through the errands that a giver has, or one
 * who goes through a program of the plan.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/errand.h"

struct engine;
struct load_source;
struct plan_program;
struct variables;

/* So many at once, at least 1. The giver is borrowed. Returns 0 or -ENOMEM. */
int errands_new(struct engine *engine, const struct errand_giver *giver, uint64_t at_once,
                struct load_source **ret_source);

/*
 * One program, once; it is borrowed. finding: what the person knew in the end and did not begin with is
 * added to it, NULL: to nothing. go_on: past requests that fail, else the first ends it. Returns 0 or
 * -ENOMEM.
 */
int errands_of_one(struct engine *engine, const struct plan_program *program, bool go_on,
                   struct variables *finding, struct load_source **ret_source);

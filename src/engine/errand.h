/*
 * Errands: what one person does for the whole run before the load or behind it, as a load source of
 * one user who goes once through a program. Nothing of it is measured.
 */
#pragma once

#include <stdbool.h>

struct engine;
struct load_source;
struct plan_program;
struct variables;

/*
 * The program is borrowed; finding: what the user knew in the end and did not begin with is added to
 * it, NULL: to nothing. go_on: past requests that fail, else the first ends it. Returns 0 or -ENOMEM.
 */
int errand_new(struct engine *engine, const struct plan_program *program, bool go_on,
               struct variables *finding, struct load_source **ret_source);

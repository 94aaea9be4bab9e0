/*
 * All steps of a list, with those that stand in their loops, branches and groups.
 */
#pragma once

struct config_items;
struct step_form;

/* Returns 0, or a negative number, which ends the walk. */
typedef int step_walk_fn(void *ctx, const struct step_form *step);

/* Calls fn for each step, outer ones first. Returns what it returned last. */
int step_walk(const struct config_items *steps, step_walk_fn *fn, void *ctx);

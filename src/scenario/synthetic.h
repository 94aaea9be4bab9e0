/*
 * Prompts of a given length, and beginnings that they share.
 */
#pragma once

struct making;
struct plan_prefix;
struct plan_synthetic;
struct prefix_form;
struct synthetic_form;

/* Each returns 0, with mistakes added; -ENOMEM. */
int make_synthetic(struct making *making, const struct synthetic_form *form,
                   struct plan_synthetic *ret_synthetic);
int make_prefix(struct making *making, const struct prefix_form *form,
                struct plan_prefix *ret_prefix);

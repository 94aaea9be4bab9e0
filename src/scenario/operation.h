/*
 * What a request says about its answer: what is expected of it, checked in it and taken out of it, and
 * what it adds to metrics.
 */
#pragma once

#include <stddef.h>

#include "scenario/query_view.h"

struct config_node;
struct making;
struct plan_record;
struct plan_step;
struct step_form;

/* Statuses and checks of `expect` and `check`. Each returns 0, with mistakes added; -ENOMEM. */
int make_expect(struct making *making, const struct step_form *form,
                struct plan_step *step);
int make_checks(struct making *making, const struct step_form *form,
                struct plan_step *step);
int make_extracts(struct making *making, const struct step_form *form,
                  struct plan_step *step);

/* The records of several maps, in that order; NULLs among them are none. view: of their queries. */
int make_records(struct making *making, enum query_view view,
                 const struct config_node *const *maps, size_t map_count,
                 const struct plan_record **ret_records, size_t *ret_count);

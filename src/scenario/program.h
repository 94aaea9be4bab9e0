/*
 * Programs: a flow as it is written → the plan's instructions, its steps among the plan's.
 */
#pragma once

#include <stdint.h>

struct class_form;
struct config_items;
struct making;
struct plan_class;

/*
 * The flow of a class, which asks something and pauses at its end where it pauses nowhere else. ret_index:
 * among the plan's programs. Each returns 0, with mistakes added; -ENOMEM.
 */
int make_program(struct making *making, const struct class_form *class_form,
                 const struct plan_class *plan_class, uint32_t *ret_index);

/*
 * A flow beside the load: steps without measurement. class_form: whose users it is for, NULL: it is the
 * run's. Without steps *ret_index is PLAN_NONE.
 */
int make_stage(struct making *making, const struct config_items *steps,
               const struct class_form *class_form, uint32_t target, uint32_t *ret_index);

/* Likewise a call to the platform. */
int make_platform_program(struct making *making, const struct config_items *steps,
                          uint32_t *ret_index);

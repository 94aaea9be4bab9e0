/*
 * Selectors of thresholds: whether anything in the plan can ever have the labels that one names. A
 * slip of the pen there would be told only at the end of a run, as a lack of data.
 */
#pragma once

struct making;
struct config_node;
struct selector;

/*
 * Adds a mistake for each label that no request of the plan can have: an unknown key, or a value of
 * model, class, step, phase or target that the plan does not know. place: where the selector stands.
 * Returns 0 or -ENOMEM.
 */
int selector_check(struct making *making, const struct config_node *place,
                   const struct selector *selector);

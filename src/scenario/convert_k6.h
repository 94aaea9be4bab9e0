/*
 * k6's options in parts: what runs when (executors), what must hold (thresholds), and what the script
 * asks for, as far as it stands there as literals.
 */
#pragma once

#include "scenario/convert_forms.h"

/* Writes users, load and limits. flow: the lines of the flow, at their place; steps: its requests. */
void k6_write_load(const struct config_node *options, const char *flow, size_t steps,
                   struct draft *draft);

/* Whether all its scenarios have rates of arrivals: a load is an open loop, or a closed one. */
bool k6_is_open(const struct config_node *options);

/* Writes thresholds. */
void k6_write_thresholds(const struct config_node *options, struct draft *draft);

/*
 * Finds the requests of a script. Returns the lines of a flow, as long as the draft; *ret_steps: how
 * many requests; *ret_origin: of the first address, NULL: none.
 */
const char *k6_read_script(const char *script, struct draft *draft, size_t *ret_steps,
                           const char **ret_origin);

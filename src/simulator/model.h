/*
 * The models that exist on the platform. Pure.
 */
#pragma once

#include <stdbool.h>

#include "simulator/exchange.h"

/* Whether requests may name this model: any, when the options list none. */
bool model_is_known(const struct simulator_options *options, const char *name);

/* Answers that there is no such model, in OpenAI's words. */
void model_refuse(const struct exchange *exchange, const char *name);

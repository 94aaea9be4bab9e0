/*
 * Records: what the scenario adds to metrics of its own when a request, a group or an iteration is
 * over.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct attempt;
struct engine;
struct plan_record;

/*
 * Adds each record's value, over what was put into the engine's query (script.h). null, and a query
 * that fails, add nothing; what is no number and no truth is counted as unfit.
 */
void records_add(struct engine *engine, const struct plan_record *records, size_t count,
                 uint32_t labels, bool in_window);

/* Those of a step whose operation is over with this attempt; not where throng or its user ended it. */
void records_operation(const struct attempt *attempt);

/*
 * The judgement of a run: from its facts to what can be said against it.
 */
#pragma once

#include "measure/trust.h"

struct run_facts;
struct verdicts;

/* Fills in what the process spent: CPU time and memory. */
void judgement_add_usage(struct run_facts *facts);

/*
 * Adds a verdict for each thing that speaks against the run: how it stopped, nothing measured,
 * files not written (samples_error: 0 or a negative errno), bookkeeping that does not add up, less
 * trust than was asked for (TRUST_F: none was).
 */
void judgement_of_run(const struct run_facts *facts, int samples_error,
                      enum trust_grade least_trust, struct verdicts *verdicts);

/* The same of a run that goes on, for one who reads of it after it was killed. Reads only the facts. */
void judgement_so_far(const struct run_facts *facts, struct verdicts *verdicts);

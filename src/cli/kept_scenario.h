/*
 * The scenario that a results folder keeps, loaded once more where the run is over: keys of the load, which may not be set any
 * more, are no mistake then.
 */
#pragma once

struct plan;

/* What scenario.yaml has in place of a key that is written nowhere, and what stands for one not set. */
#define KEPT_SCENARIO_NO_KEY "***"

/* Returns as scenario_load(); mistakes are printed to standard error. */
int kept_scenario_load(const char *path, struct plan **ret_plan);

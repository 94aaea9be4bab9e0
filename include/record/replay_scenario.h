/* A recording → a scenario that replays it, for people to go on from. Pure. */
#pragma once

#include <stdint.h>

struct buf;
struct record_totals;

/*
 * Appends the YAML text. upstream: the URL that was recorded, where the replay goes until somebody
 * changes it; trace: the file's path as the scenario is to name it. Returns 0 or out's sticky error.
 */
int replay_scenario_write(const char *upstream, const char *trace,
                          const struct record_totals *totals, struct buf *out);

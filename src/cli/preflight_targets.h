/*
 * Whether the servers of a run are there: one GET to each at the same time, of its health where the
 * scenario names a path, else of what any answer will do for.
 */
#pragma once

struct plan;
struct preflight_report;

/*
 * From each source address of a target. X-Request-ID of each GET is request_id. Blocks for at most 10 s.
 * Targets that are the built-in simulator have shown already that they are alive.
 */
void preflight_targets(const struct plan *plan, const char *request_id,
                       struct preflight_report *report);

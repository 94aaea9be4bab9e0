/*
 * Pre-flight: what must hold before any load, found out while it is still cheap.
 */
#pragma once

struct plan;
struct verdicts;

/*
 * Checks that every target can be reached (name, connection, TLS, proxy), one request each; any
 * answer will do. Their X-Request-ID is "RUN_ID-preflight". Adds a verdict for each that cannot. Blocks for at most 10 s a target. Targets
 * that are the built-in simulator have shown already that they are alive.
 */
void preflight_targets(const struct plan *plan, const char *run_id,
                       struct verdicts *verdicts);

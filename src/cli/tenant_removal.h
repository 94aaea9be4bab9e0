/*
 * The removal of tenants with an engine of its own: behind a run, and by `throng cleanup`.
 */
#pragma once

struct ledger;
struct plan;
struct side_engine;
struct tenancy;
struct tenants;
struct verdicts;

struct tenant_removal {
    const struct plan *plan; /* borrowed, like all below */
    const char *run_id;
    const char *folder; /* the run's, for who has to go on; NULL: there is none */
    struct side_engine *side;
    struct tenants *tenants;
    struct ledger *ledger; /* NULL: nothing is written down */
    struct tenancy *tenancy;
};

/*
 * Removes what can be removed, and counts. verdicts gets a sentence where something is left (exit code
 * 101). Returns 0 or -errno when it could not begin.
 */
int tenant_removal_run(const struct tenant_removal *removal, struct verdicts *verdicts);

/*
 * Says that it is not done, and what is left. why: what stands before it, "The run was stopped twice:
 * nothing was removed".
 */
void tenant_removal_leave(const struct tenant_removal *removal, const char *why,
                          struct verdicts *verdicts);

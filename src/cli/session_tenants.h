/*
 * The tenants of a session: made at the platform before the load, and removed behind it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "cli/side_engine.h"
#include "measure/tenancy.h"
#include "plan/roster.h"
#include "platform/tenants.h"

struct bootstrap;
struct ledger;
struct plan;
struct session_options;
struct verdicts;

/* The fields are private but for reading. */
struct session_tenants {
    const struct session_options *options;
    struct side_engine side;
    struct tenants tenants; /* empty without a platform */
    struct roster roster;   /* of the load */
    struct tenancy tenancy;
    struct ledger *ledger;
    struct bootstrap *bootstrap; /* while it goes on */
    uv_timer_t progress;
    bool shows_progress;
};

/* What must hold of the plan: people for all who are at work at the peak (exit code 113). */
void session_tenants_check(const struct plan *plan, struct verdicts *verdicts);

/* The options are borrowed. */
void session_tenants_init(struct session_tenants *tenants,
                          const struct session_options *options);
void session_tenants_deinit(struct session_tenants *tenants);

/*
 * Makes them, if the plan has a platform. Returns 0; SESSION_NOT_SET_UP: it failed, as verdicts tells; or
 * -errno when it could not begin. In any case session_tenants_remove() follows.
 */
int session_tenants_make(struct session_tenants *tenants, struct verdicts *verdicts);

/*
 * Removes what was made, as the plan and the verdicts so far say it should be; is_hasty: somebody asked
 * twice to stop, so that it is only said what is left.
 */
void session_tenants_remove(struct session_tenants *tenants, bool is_hasty,
                            struct verdicts *verdicts);

/* Says on stderr what became of what was made, behind a run that never began: it has no summary. */
void session_tenants_tell(const struct session_tenants *tenants);

/* What it took; NULL without a platform. */
const struct tenancy *session_tenants_tenancy(const struct session_tenants *tenants);

/* Whether they are being made or removed. */
bool session_tenants_are_on(const struct session_tenants *tenants);

/*
 * A signal came, the stops-th. The making ends when what is in flight is over, so that it is known; the
 * removal goes on at the first, and ends at the second.
 */
void session_tenants_stop(struct session_tenants *tenants, unsigned stops);

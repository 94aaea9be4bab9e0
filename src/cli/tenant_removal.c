#include "cli/tenant_removal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/side_engine.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/removal.h"
#include "platform/tenants.h"
#include "result/verdict.h"

#define LEFT_BYTES 120
#define FINISH_BYTES 400

/* "3 organizations, 12 users and 12 keys". */
static void write_left(const struct tenancy *tenancy, char text[static LEFT_BYTES])
{
    (void)snprintf(text, LEFT_BYTES,
                   "%" PRIu64 " organizations, %" PRIu64 " users and %" PRIu64 " keys",
                   tenancy->left[TENANCY_ORGANIZATIONS], tenancy->left[TENANCY_USERS],
                   tenancy->left[TENANCY_KEYS]);
}

static void write_finish(const struct tenant_removal *removal,
                         char text[static FINISH_BYTES])
{
    if (removal->folder)
        (void)snprintf(text, FINISH_BYTES, "finish with: throng cleanup %s",
                       removal->folder);
    else
        (void)snprintf(text, FINISH_BYTES, "remove them by hand");
}

static void judge(const struct tenant_removal *removal, const struct removal *removed,
                  struct verdicts *verdicts)
{
    const struct run_view *view = engine_view(removal->side->engine);
    const char *problem = removal_problem(removed);
    char left[LEFT_BYTES];
    char finish[FINISH_BYTES];

    if (tenancy_left(removal->tenancy) == 0)
        return;
    write_left(removal->tenancy, left);
    write_finish(removal, finish);
    if (view->stop_reason == STOP_DURATION)
        verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT,
                     "The cleanup took more than %g s (platform.cleanup_timeout): %s are "
                     "left; %s.",
                     (double)removal->plan->platform.cleanup_timeout_ns /
                         (double)NS_PER_S,
                     left, finish);
    else if (view->stop_reason == STOP_SIGNAL)
        verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT,
                     "A signal stopped the cleanup: %s are left; %s.", left, finish);
    else
        verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT,
                     "The cleanup left %s; %s. The first: %s.", left, finish,
                     problem ? problem : "there is no call that removes them");
}

static int run(const struct tenant_removal *removal, struct removal *removed,
               struct verdicts *verdicts)
{
    const struct engine_options wanted = {
        .stage = ENGINE_REMOVE,
        .plan = removal->plan,
        .giver = removal_giver(removed),
        .errands_at_once = removal->plan->platform.parallel,
        .run_id = removal->run_id,
    };
    const uint64_t begun_ns = clock_mono_ns();
    const int r = side_engine_run(removal->side, &wanted, false);

    removal->tenancy->remove_ns = clock_mono_ns() - begun_ns;
    tenants_count(removal->tenants, removal->tenancy);
    if (r == 0)
        judge(removal, removed, verdicts);
    side_engine_close(removal->side);
    return r;
}

int tenant_removal_run(const struct tenant_removal *removal, struct verdicts *verdicts)
{
    const struct removal_options options = {.plan = removal->plan,
                                            .tenants = removal->tenants,
                                            .ledger = removal->ledger,
                                            .tenancy = removal->tenancy};
    struct removal *removed = NULL;
    int r = removal_new(&options, &removed);

    removal->tenancy->was_cleaned = true;
    tenants_count(removal->tenants, removal->tenancy);
    if (r == 0 && removal_is_needed(removed))
        r = run(removal, removed, verdicts);
    if (r == 0)
        r = removal_error(removed);
    removal_free(removed);
    return r;
}

void tenant_removal_leave(const struct tenant_removal *removal, const char *why,
                          struct verdicts *verdicts)
{
    char left[LEFT_BYTES];
    char finish[FINISH_BYTES];

    tenants_count(removal->tenants, removal->tenancy);
    if (tenancy_left(removal->tenancy) == 0)
        return;
    write_left(removal->tenancy, left);
    write_finish(removal, finish);
    verdicts_add(verdicts, EXIT_TEARDOWN_TIMEOUT, "%s: %s are left; %s.", why, left,
                 finish);
}

#include "cli/session_tenants.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cli/session.h"
#include "cli/tenant_removal.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "platform/bootstrap.h"
#include "platform/ledger.h"
#include "platform/people.h"
#include "result/folder.h"
#include "result/verdict.h"
#include "workload/question.h"

#define LOG_MODULE "platform"

#define MAX_PATH_BYTES 4096
#define PROGRESS_MS 200

/* What is in flight when a signal comes: it should be known whether it was made. */
#define GRACE_NS (UINT64_C(5) * NS_PER_S)

/* Of the people at the peak those that are this worker's. */
static uint64_t peak_of_worker(const struct plan *plan)
{
    const uint64_t peak = plan_peak_users(plan);

    return peak <= plan->worker_index
               ? 0
               : (peak - plan->worker_index - 1) / plan->worker_count + 1;
}

void session_tenants_check(const struct plan *plan, struct verdicts *verdicts)
{
    const uint64_t wanted = peak_of_worker(plan);

    if (!plan->platform.is_used || plan->platform.share_keys)
        return;
    const uint64_t people = people_count(plan);

    if (people < wanted)
        verdicts_add(verdicts, EXIT_PREFLIGHT,
                     "The load has %" PRIu64 " users at its peak%s, and the platform's "
                     "organizations have %" PRIu64 ": raise platform.organizations.count "
                     "or platform.users, or write 'share_keys: true' under it.",
                     wanted, plan->worker_count > 1 ? " in this worker" : "", people);
}

void session_tenants_init(struct session_tenants *tenants,
                          const struct session_options *options)
{
    *tenants =
        (struct session_tenants){.options = options, .side = {.loop = options->loop}};
}

void session_tenants_deinit(struct session_tenants *tenants)
{
    ledger_close(tenants->ledger);
    tenants_deinit(&tenants->tenants);
    tenancy_deinit(&tenants->tenancy);
}

static bool are_used(const struct session_tenants *tenants)
{
    return tenants->options->plan->platform.is_used;
}

const struct tenancy *session_tenants_tenancy(const struct session_tenants *tenants)
{
    return are_used(tenants) ? &tenants->tenancy : NULL;
}

static int open_ledger(struct session_tenants *tenants)
{
    const struct session_options *options = tenants->options;
    char path[MAX_PATH_BYTES];
    int r = 0;

    if (!options->folder)
        return 0;
    r = result_folder_path_of(options->folder, LEDGER_NAME, path, sizeof(path));
    return r < 0 ? r : ledger_open(path, options->run_id, &tenants->ledger);
}

static int open_all(struct session_tenants *tenants)
{
    const struct plan *plan = tenants->options->plan;
    int r = tenancy_init(&tenants->tenancy);

    if (r == 0)
        r = tenants_of_plan(plan, &tenants->tenants);
    if (r == 0)
        r = open_ledger(tenants);
    if (r < 0)
        return r;
    const struct bootstrap_options options = {.plan = plan,
                                              .tenants = &tenants->tenants,
                                              .ledger = tenants->ledger,
                                              .tenancy = &tenants->tenancy};

    return bootstrap_new(&options, &tenants->bootstrap);
}

static void on_progress(uv_timer_t *timer)
{
    const struct session_tenants *tenants = timer->data;

    fprintf(tenants->options->progress,
            "\r\033[Kmaking %zu users in %zu organizations: %" PRIu64 " …",
            tenants->tenants.user_count, tenants->tenants.organization_count,
            bootstrap_ready(tenants->bootstrap));
    (void)fflush(tenants->options->progress);
}

static void on_progress_closed(uv_handle_t *handle)
{
    struct session_tenants *tenants = handle->data;

    tenants->shows_progress = false;
}

static void show_progress(struct session_tenants *tenants)
{
    if (!tenants->options->progress)
        return;
    uv_timer_init(tenants->options->loop, &tenants->progress);
    tenants->progress.data = tenants;
    tenants->shows_progress = true;
    uv_timer_start(&tenants->progress, on_progress, 0, PROGRESS_MS);
}

static void hide_progress(struct session_tenants *tenants)
{
    if (!tenants->shows_progress)
        return;
    uv_close((uv_handle_t *)&tenants->progress, on_progress_closed);
    while (tenants->shows_progress)
        uv_run(tenants->options->loop, UV_RUN_ONCE);
    (void)fputs("\r\033[K", tenants->options->progress);
    (void)fflush(tenants->options->progress);
}

/* Returns whether all are there. */
static bool judge(const struct session_tenants *tenants, struct verdicts *verdicts)
{
    const struct run_view *view = engine_view(tenants->side.engine);
    const struct plan_platform *platform = &tenants->options->plan->platform;
    const char *problem = bootstrap_problem(tenants->bootstrap);
    const uint64_t ready = bootstrap_ready(tenants->bootstrap);

    if (bootstrap_error(tenants->bootstrap) < 0 || view->stop_reason == STOP_ERROR)
        verdicts_add(verdicts, EXIT_INTERNAL,
                     "throng ran out of memory in the bootstrap; there was no load.");
    else if (problem)
        verdicts_add(verdicts, EXIT_SETUP_FAILED,
                     "The bootstrap failed at %s; there was no load.", problem);
    else if (view->stop_reason == STOP_DURATION)
        verdicts_add(verdicts, EXIT_SETUP_TIMEOUT,
                     "The bootstrap took more than %g s (platform.bootstrap_timeout): "
                     "%" PRIu64 " of %zu users were ready; there was no load. More calls "
                     "at once: platform.parallel.",
                     (double)platform->bootstrap_timeout_ns / (double)NS_PER_S, ready,
                     tenants->tenants.user_count);
    else if (view->stop_reason == STOP_SIGNAL)
        verdicts_add(verdicts, EXIT_SIGNAL,
                     "A signal stopped the bootstrap; there was no load.");
    else
        return true;
    return false;
}

/* Returns whether all are there, or -errno when it could not begin. */
static int make(struct session_tenants *tenants, struct verdicts *verdicts)
{
    const struct session_options *options = tenants->options;
    const struct engine_options wanted = {
        .stage = ENGINE_MAKE,
        .plan = options->plan,
        .giver = bootstrap_giver(tenants->bootstrap),
        .errands_at_once = options->plan->platform.parallel,
        .run_id = options->run_id,
        .nonce = question_nonce_of_run(options->run_id),
    };
    const uint64_t begun_ns = clock_mono_ns();
    int r;

    show_progress(tenants);
    /* Keys are in the answers: these are never logged. */
    r = side_engine_run(&tenants->side, &wanted, false);
    tenants->tenancy.make_ns = clock_mono_ns() - begun_ns;
    hide_progress(tenants);
    if (r == 0)
        r = judge(tenants, verdicts);
    side_engine_close(&tenants->side);
    if (ledger_error(tenants->ledger) < 0)
        log_warn("%s cannot be written (%s): `throng cleanup` would not find all that "
                 "is left",
                 LEDGER_NAME, strerror(-ledger_error(tenants->ledger)));
    return r;
}

int session_tenants_make(struct session_tenants *tenants, struct verdicts *verdicts)
{
    int r;

    if (!are_used(tenants))
        return 0;
    r = open_all(tenants);
    if (r == 0)
        r = make(tenants, verdicts);
    tenants->bootstrap = bootstrap_free(tenants->bootstrap);
    tenants_count(&tenants->tenants, &tenants->tenancy);
    if (r < 0)
        return r;
    tenants->roster = tenants_roster(&tenants->tenants);
    return r > 0 ? 0 : SESSION_NOT_SET_UP;
}

static bool is_wanted(const struct session_tenants *tenants,
                      const struct verdicts *verdicts)
{
    switch (tenants->options->plan->platform.cleanup) {
    case PLAN_CLEANUP_ALWAYS:
        break;
    case PLAN_CLEANUP_ON_SUCCESS:
        return verdicts_exit_code(verdicts) == EXIT_PASSED;
    case PLAN_CLEANUP_NEVER:
        return false;
    }
    return true;
}

void session_tenants_remove(struct session_tenants *tenants, bool is_hasty,
                            struct verdicts *verdicts)
{
    const struct session_options *options = tenants->options;
    const struct tenant_removal removal = {
        .plan = options->plan,
        .run_id = options->run_id,
        .folder = options->folder ? result_folder_path(options->folder) : NULL,
        .side = &tenants->side,
        .tenants = &tenants->tenants,
        .ledger = tenants->ledger,
        .tenancy = &tenants->tenancy,
    };
    int r = 0;

    if (!are_used(tenants) || options->no_cleanup || !is_wanted(tenants, verdicts))
        return;
    if (is_hasty)
        tenant_removal_leave(&removal,
                             "The run was stopped twice, so that nothing was "
                             "cleaned up",
                             verdicts);
    else
        r = tenant_removal_run(&removal, verdicts);
    if (r < 0)
        tenant_removal_leave(&removal, strerror(-r), verdicts);
}

void session_tenants_tell(const struct session_tenants *tenants)
{
    const struct tenancy *tenancy = &tenants->tenancy;

    if (!are_used(tenants) || tenancy_removed(tenancy) + tenancy_left(tenancy) == 0)
        return;
    fprintf(stderr,
            "throng run: of what was made at the platform, %" PRIu64
            " were removed and %" PRIu64 " are left.\n",
            tenancy_removed(tenancy), tenancy_left(tenancy));
}

bool session_tenants_are_on(const struct session_tenants *tenants)
{
    return side_engine_is_on(&tenants->side);
}

void session_tenants_stop(struct session_tenants *tenants, unsigned stops)
{
    if (tenants->bootstrap)
        side_engine_stop(&tenants->side, stops > 1 ? 0 : GRACE_NS);
    else if (stops > 1)
        side_engine_stop(&tenants->side, 0);
    else
        log_warn("what was made at the platform is being removed; a second signal "
                 "leaves it there");
}

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <uv.h>

#include "base/secret.h"
#include "cli/command.h"
#include "cli/kept_scenario.h"
#include "cli/side_engine.h"
#include "cli/stop_signals.h"
#include "cli/tenant_removal.h"
#include "measure/tenancy.h"
#include "plan/plan.h"
#include "platform/ledger.h"
#include "platform/tenants.h"
#include "result/folder.h"
#include "result/verdict.h"

#define MAX_PATH_BYTES 4096

/* What is in flight may end, so that it is known. */
#define GRACE_NS UINT64_C(5000000000)

struct cleanup_options {
    const char *token;
    const char *out;
};

static const struct option cleanup_option_table[] = {
    {.name = "token",
     .kind = OPTION_TEXT,
     .value = "TOKEN",
     .offset = offsetof(struct cleanup_options, token),
     .help = "The admin token. Default: THRONG_TOKEN, then what the scenario says, as "
             "${ADMIN_TOKEN}. Others on this machine can read a command line: better "
             "use the environment."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .offset = offsetof(struct cleanup_options, out),
     .help = "Where the folder of a run's id is looked for. Default: results."},
};

struct cleaning {
    struct result_folder *folder;
    struct plan *plan;
    struct secret *token; /* NULL: the plan's */
    struct tenants tenants;
    struct tenancy tenancy;
    struct ledger *ledger;
    uv_loop_t loop;
    struct side_engine side;
    struct stop_signals signals;
    unsigned stops;
};

static bool is_folder(const char *path)
{
    struct stat facts;

    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

/* A folder, or the id of a run in the folder of results. */
static int open_folder(struct cleaning *cleaning, const struct cleanup_options *options,
                       const char *named)
{
    char path[MAX_PATH_BYTES];
    int r;

    (void)snprintf(path, sizeof(path), "%s", named);
    if (!is_folder(path))
        (void)snprintf(path, sizeof(path), "%s/%s",
                       options->out ? options->out : "results", named);
    r = result_folder_open(path, &cleaning->folder);
    if (r < 0)
        fprintf(stderr, "throng cleanup: %s: %s\n", named,
                r == -EBUSY ? "its run still goes on, and cleans up itself"
                            : "there is no such results folder");
    return r;
}

static int read_ledger(struct cleaning *cleaning)
{
    char path[MAX_PATH_BYTES];
    int r = result_folder_path_of(cleaning->folder, LEDGER_NAME, path, sizeof(path));

    if (r >= 0)
        r = ledger_read(path, &cleaning->tenants);
    if (r == -ENOENT)
        fprintf(stderr,
                "throng cleanup: %s has no %s: its run made nothing at a platform\n",
                result_folder_path(cleaning->folder), LEDGER_NAME);
    else if (r < 0)
        fprintf(stderr, "throng cleanup: %s: %s\n", path,
                r == -EBADMSG ? "this is no ledger of throng's" : strerror(-r));
    return r;
}

static int load_plan(struct cleaning *cleaning)
{
    char path[MAX_PATH_BYTES];
    int r = result_folder_path_of(cleaning->folder, "scenario.yaml", path, sizeof(path));

    if (r >= 0)
        r = kept_scenario_load(path, &cleaning->plan);
    if (r == 0 && !cleaning->plan->platform.is_used) {
        fprintf(stderr, "throng cleanup: %s has no platform\n", path);
        r = -EINVAL;
    }
    return r;
}

/* Returns 0; -EINVAL when there is none that could be one; -ENOMEM. */
static int choose_token(struct cleaning *cleaning, const char *given)
{
    struct plan_target *target =
        &cleaning->plan->targets[cleaning->plan->platform.target];
    const char *token = given;
    int r = 0;

    if (!token)
        token = getenv("THRONG_TOKEN"); // NOLINT(concurrency-mt-unsafe): nobody sets any
    if (token && *token) {
        r = secret_new(token, &cleaning->token);
        target->api_key = cleaning->token;
    } else if (target->api_key &&
               strcmp(secret_reveal(target->api_key), KEPT_SCENARIO_NO_KEY) == 0) {
        r = -EINVAL;
    }
    if (r == -EINVAL)
        (void)fputs(
            "throng cleanup: there is no admin token: set THRONG_TOKEN, or the variable "
            "that the scenario's platform.token names\n",
            stderr);
    return r;
}

static void on_signal(void *ctx)
{
    struct cleaning *cleaning = ctx;

    side_engine_stop(&cleaning->side, cleaning->stops++ == 0 ? GRACE_NS : 0);
}

static int remove_all(struct cleaning *cleaning, struct verdicts *verdicts)
{
    const char *folder = result_folder_path(cleaning->folder);
    const struct tenant_removal removal = {
        .plan = cleaning->plan,
        .run_id = "cleanup",
        .folder = folder,
        .side = &cleaning->side,
        .tenants = &cleaning->tenants,
        .ledger = cleaning->ledger,
        .tenancy = &cleaning->tenancy,
    };
    int r;

    stop_signals_hold();
    r = uv_loop_init(&cleaning->loop);
    if (r < 0)
        return r;
    cleaning->side.loop = &cleaning->loop;
    stop_signals_init(&cleaning->signals, &cleaning->loop, on_signal, on_signal,
                      cleaning);
    r = tenant_removal_run(&removal, verdicts);
    stop_signals_close(&cleaning->signals);
    while (stop_signals_are_open(&cleaning->signals))
        uv_run(&cleaning->loop, UV_RUN_ONCE);
    uv_run(&cleaning->loop, UV_RUN_DEFAULT);
    uv_loop_close(&cleaning->loop);
    return r;
}

static int tell(const struct cleaning *cleaning, uint64_t removed_before,
                const struct verdicts *verdicts)
{
    const struct tenancy *tenancy = &cleaning->tenancy;

    printf("%s: %" PRIu64 " removed, %" PRIu64 " left\n",
           result_folder_path(cleaning->folder),
           tenancy_removed(tenancy) - removed_before, tenancy_left(tenancy));
    for (size_t i = 0; i < verdicts->count; i++)
        fprintf(stderr, "throng cleanup: %s\n", verdicts->items[i].sentence);
    return (int)verdicts_exit_code(verdicts);
}

/* What the built-in simulator held ended with it. */
static bool is_gone(const struct cleaning *cleaning)
{
    if (!cleaning->plan->targets[cleaning->plan->platform.target].simulator)
        return false;
    printf("%s: its platform was the built-in simulator, which ended with the run: "
           "nothing is left\n",
           result_folder_path(cleaning->folder));
    return true;
}

static int clean_up(struct cleaning *cleaning, const struct cleanup_options *options,
                    const char *named)
{
    struct verdicts verdicts = {0};
    char path[MAX_PATH_BYTES];
    uint64_t before;
    int r = open_folder(cleaning, options, named);

    if (r < 0 || read_ledger(cleaning) < 0)
        return EXIT_COMMAND_LINE;
    if (load_plan(cleaning) < 0)
        return EXIT_SCENARIO;
    if (is_gone(cleaning))
        return EXIT_PASSED;
    if (choose_token(cleaning, options->token) < 0)
        return EXIT_COMMAND_LINE;
    r = tenancy_init(&cleaning->tenancy);
    if (r == 0)
        r = result_folder_path_of(cleaning->folder, LEDGER_NAME, path, sizeof(path));
    if (r >= 0)
        r = ledger_open(path, "", &cleaning->ledger);
    tenants_count(&cleaning->tenants, &cleaning->tenancy);
    before = tenancy_removed(&cleaning->tenancy);
    if (r >= 0)
        r = remove_all(cleaning, &verdicts);
    if (r < 0) {
        fprintf(stderr, "throng cleanup: %s: %s\n", result_folder_path(cleaning->folder),
                strerror(-r));
        return EXIT_INTERNAL;
    }
    return tell(cleaning, before, &verdicts);
}

static int run(const struct command *command, int argc, char **argv)
{
    struct cleanup_options options = {0};
    struct option_list words = {0};
    struct cleaning cleaning = {0};
    int code = command_begin(command, argc, argv, &options, &words);

    if (code < 0)
        code = clean_up(&cleaning, &options, words.values[0]);
    ledger_close(cleaning.ledger);
    tenants_deinit(&cleaning.tenants);
    tenancy_deinit(&cleaning.tenancy);
    plan_free(cleaning.plan);
    secret_free(cleaning.token);
    result_folder_free(cleaning.folder);
    option_list_deinit(&words);
    return code;
}

const struct command command_cleanup = {
    .name = "cleanup",
    .arguments = "RUN",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "remove what a run left at a platform",
    .details =
        "RUN is a results folder, or the id of a run under results/. What the run made "
        "at "
        "the scenario's platform and did not remove stands in its platform.jsonl: keys, "
        "users and organizations are removed, in this order, and what is not there any "
        "more is fine. May be called again at any time. The exit code is 0, or 101 where "
        "something is left.",
    .options = cleanup_option_table,
    .option_count = sizeof(cleanup_option_table) / sizeof(cleanup_option_table[0]),
    .run = run,
};

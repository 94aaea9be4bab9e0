#include "cli/run.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <uv.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/baseline.h"
#include "cli/child_simulator.h"
#include "cli/command.h"
#include "cli/crash.h"
#include "cli/data_print.h"
#include "cli/descriptors.h"
#include "cli/dry_run.h"
#include "cli/fingerprint.h"
#include "cli/history_keep.h"
#include "cli/live_progress.h"
#include "cli/notices.h"
#include "cli/outputs.h"
#include "cli/preflight.h"
#include "cli/preflight_report.h"
#include "cli/reload.h"
#include "cli/results.h"
#include "cli/run_id.h"
#include "cli/run_options.h"
#include "cli/session.h"
#include "cli/session_tenants.h"
#include "cli/stop_signals.h"
#include "output/terminal.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "result/facts.h"
#include "result/folder.h"
#include "scenario/outline.h"
#include "workload/data.h"
#include "workload/question.h"

#define MAX_SCENARIO_BYTES ((size_t)64 << 20)
#define MAX_PAGE_BYTES ((size_t)256 * 1024)

/* One `throng run`, from its options to its exit code. */
struct run {
    const struct command *command;
    const struct run_options *options;
    const struct run_driver *driver; /* NULL: the phases are the scenario's */
    const char *path;
    struct plan *plan;
    struct data *data;       /* of its files */
    struct buf resolved;     /* scenario.yaml */
    struct outline *outline; /* of the scenario, until `reload` takes it */
    struct reload *reload;
    char run_id[RUN_ID_BYTES];
    char fingerprint[FINGERPRINT_BYTES];
    struct child_simulator *simulator;
    struct result_folder *folder;
    uv_loop_t loop;
    struct outputs outputs;
    struct notices notices;
    struct terminal_style style; /* of standard output */
    struct preflight_report *preflight;
    struct verdicts verdicts;
    json_t *summary; /* once there are results */
};

static void set_up_log(const struct run *run)
{
    static const char *const levels[] = {"error", "warn", "info", "debug"};
    enum log_level level = LOG_LEVEL_WARN;

    for (size_t i = 0; run->options->log_level && i < sizeof(levels) / sizeof(levels[0]);
         i++)
        if (strcmp(run->options->log_level, levels[i]) == 0)
            level = (enum log_level)i;
    if (run->options->log_bodies && level < LOG_LEVEL_INFO)
        level = LOG_LEVEL_INFO;
    log_setup(level,
              run->options->log_format && strcmp(run->options->log_format, "json") == 0
                  ? LOG_FORMAT_JSON
                  : LOG_FORMAT_TEXT,
              run->run_id);
}

static int name_run(struct run *run)
{
    const char *given = run->options->run_id;

    if (!given) {
        run_id_make(run->plan->name, clock_wall_ns(), run->run_id);
        return -1;
    }
    if (!run_id_is_valid(given)) {
        fprintf(stderr,
                "throng %s: --run-id: '%s' cannot name a run; use at most 100 letters, "
                "digits, "
                "dots, dashes and underscores\n",
                run->command->name, given);
        return EXIT_COMMAND_LINE;
    }
    snprintf(run->run_id, sizeof(run->run_id), "%s", given);
    return -1;
}

static void start_simulator(struct run *run)
{
    for (size_t i = 0; i < run->plan->target_count && run->verdicts.count == 0; i++) {
        int r = 0;

        if (!run->plan->targets[i].simulator)
            continue;
        if (!run->simulator)
            r = child_simulator_start(run->plan->simulator, run->plan->simulator_count,
                                      run->options->ground_truth, &run->simulator);
        if (r >= 0)
            r = plan_set_origin(run->plan, i, child_simulator_origin(run->simulator));
        if (r < 0)
            verdicts_add(&run->verdicts, EXIT_PREFLIGHT,
                         "The built-in simulator did not start: %s.", strerror(-r));
    }
}

static void begin_simulator(struct run *run)
{
    const size_t before = run->verdicts.count;

    start_simulator(run);
    if (run->verdicts.count > before)
        preflight_adopt(run->preflight, before, "built-in simulator", "");
}

static void open_folder(struct run *run)
{
    const char *dir = run->options->out ? run->options->out : "results";
    const int r = result_folder_new(dir, run->run_id, &run->folder);

    if (r < 0) {
        verdicts_add(
            &run->verdicts, EXIT_PREFLIGHT,
            "No results folder could be made in %s: %s; choose another with --out.", dir,
            strerror(-r));
        return;
    }
    /* A second run of one name is named as its folder is. */
    const char *slash = strrchr(result_folder_path(run->folder), '/');

    (void)snprintf(run->run_id, sizeof(run->run_id), "%s", slash + 1);
    set_up_log(run);
}

static void on_facts(void *ctx, const struct run_facts *facts)
{
    struct run *run = ctx;
    struct buf text = BUF_INIT(MAX_PAGE_BYTES);

    if (run->simulator && child_simulator_died(run->simulator))
        verdicts_add(
            &run->verdicts, EXIT_UNTRUSTED,
            "The built-in simulator ended before the run did: what failed after that "
            "says nothing about a server.");
    run->summary =
        results_save(run->folder, facts, run->options->requests_jsonl, &run->verdicts);
    if (!run->options->quiet) {
        terminal_summary(facts, run->summary, run->style, result_folder_path(run->folder),
                         &text);
        live_progress_hide(&run->outputs.progress);
        (void)fputs(buf_str(&text), stdout);
        (void)fflush(stdout);
    }
    buf_deinit(&text);
    notices_tell(&run->notices, run->summary, result_folder_path(run->folder));
}

static int open_reload(struct run *run)
{
    const struct reload_options options = {
        .loop = &run->loop,
        .path = run->path,
        .options = run->options,
        .plan = run->plan,
    };
    struct outline *outline = run->outline;

    run->outline = NULL;
    return reload_new(&options, outline, &run->reload);
}

static int carry_out(struct run *run)
{
    struct session_options session = {
        .loop = &run->loop,
        .plan = run->plan,
        .data = run->data,
        .scenario_path = run->path,
        .run_id = run->run_id,
        .fingerprint = run->fingerprint,
        .folder = run->folder,
        .no_cleanup = run->options->no_cleanup,
        .kernel_stamps = !run->options->no_kernel_stamps,
        .record_chunks = run->options->record_chunks,
        .log_bodies = run->options->log_bodies,
        .least_trust = TRUST_F,
    };
    int r = run->driver ? 0 : open_reload(run);

    session.driver = run->driver ? &run->driver->session : NULL;
    session.reload = run->reload;
    run->style = terminal_style_of(STDOUT_FILENO);
    if (run->options->headless)
        run->style.live = false;
    if (run->style.live && !run->options->quiet)
        session.progress = stdout;
    crash_tell_of(run->run_id, result_folder_path(run->folder),
                  run->style.live && !run->options->quiet);
    outputs_describe(&run->outputs, result_folder_path(run->folder), run->driver != NULL);
    if (r >= 0)
        r = outputs_open(&run->outputs, run->options->quiet ? NULL : stdout, run->style);
    if (r >= 0 && notices_have_probe(&run->notices))
        outputs_add(&run->outputs, notices_probe(&run->notices));
    if (run->driver)
        run->driver->attach(run->driver->ctx, &run->outputs.progress);
    session.backends = run->outputs.backends.book;
    session.probes = run->outputs.probes;
    session.probe_count = run->outputs.probe_count;
    if (run->options->require_trust) /* one of the choices */
        (void)trust_grade_of(run->options->require_trust, &session.least_trust);
    return r < 0 ? r : session_run(&session, &run->verdicts, on_facts, run);
}

static void print_verdicts(const struct run *run)
{
    const struct verdicts *verdicts = &run->verdicts;

    for (size_t i = 0; i < verdicts->count; i++)
        fprintf(stderr, "throng %s: %s\n", run->command->name,
                verdicts->items[i].sentence);
}

/* In the order of what it costs to find out. */
static void prepare(struct run *run)
{
    const struct run_options *options = run->options;
    struct verdicts *verdicts = &run->verdicts;

    preflight_report_init(run->preflight, verdicts);
    if (!options->no_preflight)
        preflight_begin(run->plan, options, run->run_id, run->preflight);
    else
        (void)descriptors_raise();
    if (!options->no_preflight && run->plan->platform.is_used) {
        const size_t before = verdicts->count;

        session_tenants_check(run->plan, verdicts);
        preflight_adopt(run->preflight, before, "users of the platform",
                        "as many as the load has at its peak");
    }
    if (verdicts->count == 0 && !options->preflight_only)
        outputs_init(&run->outputs, &run->loop, options, run->plan, run->run_id,
                     run->fingerprint, verdicts);
    if (verdicts->count == 0)
        begin_simulator(run);
    if (verdicts->count == 0 && !options->no_preflight)
        preflight_end(run->plan, run->data, run->run_id, options->preflight_only,
                      run->preflight);
    stop_signals_hold(); /* from here on there are results */
    if (verdicts->count == 0 && !options->preflight_only)
        open_folder(run);
}

/* All that was found, for people who asked for nothing else. */
static void print_preflight(struct run *run)
{
    struct buf text = BUF_INIT(MAX_PAGE_BYTES);

    preflight_report_write(run->preflight, terminal_style_of(STDOUT_FILENO), &text);
    (void)fputs(buf_str(&text), stdout);
    buf_deinit(&text);
}

/* Its results say what became of it, if that speaks against the run. */
static void keep_in_history(struct run *run)
{
    const size_t before = run->verdicts.count;

    if (!run->summary)
        return;
    history_keep(run->options, run->plan, result_folder_path(run->folder),
                 &run->verdicts);
    if (run->verdicts.count > before)
        results_save_summary(run->folder, run->summary, &run->verdicts);
}

static void run_on_loop(struct run *run)
{
    notices_open(&run->notices, &run->loop, run->plan, run->options);
    prepare(run);
    if (run->options->preflight_only) {
        print_preflight(run);
    } else if (run->verdicts.count > 0) {
        print_verdicts(run);
        notices_tell_early(&run->notices, run->run_id, &run->verdicts);
    } else {
        results_save_scenario(run->folder, buf_str(&run->resolved), &run->verdicts);
        const int r = carry_out(run);

        if (r == SESSION_NOT_SET_UP) {
            print_verdicts(run);
            notices_tell_early(&run->notices, run->run_id, &run->verdicts);
        }
        if (notices_judge(&run->notices, &run->verdicts) && run->summary)
            results_save_summary(run->folder, run->summary, &run->verdicts);
        if (r < 0) {
            fprintf(stderr, "throng %s: the run could not begin: %s\n",
                    run->command->name, strerror(-r));
            verdicts_add(&run->verdicts, EXIT_INTERNAL, "The run could not begin.");
        }
        keep_in_history(run);
    }
    notices_close(&run->notices);
    outputs_close(&run->outputs);
    uv_run(&run->loop, UV_RUN_DEFAULT); /* what was closed last is let go of */
}

static int run_for_real(struct run *run)
{
    int r = uv_loop_init(&run->loop);

    run->preflight = calloc(1, sizeof(*run->preflight));
    if (r == 0 && !run->preflight)
        r = -ENOMEM;
    if (r < 0) {
        fprintf(stderr, "throng %s: %s\n", run->command->name, strerror(-r));
        return EXIT_INTERNAL;
    }
    run_on_loop(run);
    uv_loop_close(&run->loop);
    free(run->preflight);
    json_decref(run->summary);
    result_folder_free(run->folder);
    child_simulator_stop(run->simulator);
    return (int)verdicts_exit_code(&run->verdicts);
}

/* Without a run id of its own, a dry run asks what any run of the seed would. */
static int run_dry(struct run *run)
{
    const uint64_t nonce = run->options->run_id && !run->plan->unique_over_seed
                               ? question_nonce_of_run(run->run_id)
                               : question_nonce_of_seed(run->plan->seed);
    const int r =
        dry_run_print(run->plan, run->data, nonce, run->options->print_requests, stdout);

    if (r < 0)
        fprintf(stderr, "throng %s: %s\n", run->command->name, strerror(-r));
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

static int run_scenario(struct run *run)
{
    int code = name_run(run);

    if (code >= 0)
        return code;
    data_warn(run->command->name, run->data);
    if (run->options->dry_run || run->options->print_requests) {
        set_up_log(run);
        return run_dry(run);
    }
    stop_signals_leave();
    fingerprint_of_plan(run->plan, run->data,
                        run->fingerprint); /* not logged: nobody does all that */
    set_up_log(run);
    baseline_warn(run->plan);
    return run_for_real(run);
}

/* Loads one scenario and, unless it is only to be looked at, runs it. Returns its exit code. */
static int run_one(const struct command *command, const struct run_options *options,
                   const char *path, const struct run_driver *driver, bool only_load)
{
    struct run run = {.command = command,
                      .options = options,
                      .driver = driver,
                      .path = path,
                      .resolved = BUF_INIT(MAX_SCENARIO_BYTES)};
    const struct run_options_wish wish = {.resolved = &run.resolved,
                                          .outline = &run.outline};
    int code =
        run_options_load(command->name, path, options, &wish, &run.plan, &run.data);

    if (code < 0 && driver)
        code = driver->prepare(driver->ctx, run.plan);
    if (code < 0)
        code = only_load ? EXIT_PASSED : run_scenario(&run);
    reload_free(run.reload);
    outline_free(run.outline);
    data_free(run.data);
    plan_free(run.plan);
    buf_deinit(&run.resolved);
    return code;
}

int run_driven(const struct command *command, const struct run_options *options,
               const char *path, const struct run_driver *driver)
{
    return run_one(command, options, path, driver, false);
}

static bool is_series(const struct run_options *options, size_t count)
{
    return count > 1 && !options->dry_run && !options->print_requests;
}

/*
 * Several scenarios, one after the other: mistakes in any of them are found before the first begins, a
 * failed one does not keep the next from running, and a signal ends all.
 */
static int run_all(const struct command *command, const struct run_options *options,
                   const struct option_list *paths)
{
    struct verdicts worst = {0};
    int code = EXIT_PASSED;

    if (!notices_can_notify(command->name, options->notify))
        return EXIT_COMMAND_LINE;
    if (is_series(options, paths->count) && options->run_id) {
        fprintf(stderr, "throng %s: --run-id names one run: give one scenario with it\n",
                command->name);
        return EXIT_COMMAND_LINE;
    }
    for (size_t i = 0; is_series(options, paths->count) && i < paths->count; i++) {
        code = run_one(command, options, paths->values[i], NULL, true);
        if (code != EXIT_PASSED)
            return code;
    }
    for (size_t i = 0; i < paths->count && code != EXIT_SIGNAL; i++) {
        code = run_one(command, options, paths->values[i], NULL, false);
        if (code != EXIT_PASSED)
            verdicts_add(&worst, (enum exit_code)code, "%s", paths->values[i]);
    }
    return (int)verdicts_exit_code(&worst);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct run_options options = {0};
    struct option_list arguments = {0};
    int code = command_begin(command, argc, argv, &options, &arguments);

    if (code < 0)
        code = run_all(command, &options, &arguments);
    option_list_deinit(&options.set);
    option_list_deinit(&options.base_urls);
    option_list_deinit(&options.tags);
    option_list_deinit(&arguments);
    return code;
}

const struct command command_run = {
    .name = "run",
    .arguments = "SCENARIO…",
    .min_arguments = 1,
    .max_arguments = 100,
    .summary = "run a scenario and judge it",
    .details =
        "Several are run one after the other, and the gravest exit code is that of all. "
        "Loads and checks the scenario, drives its users, and writes a results "
        "folder. The "
        "exit code is the verdict: 0 passed, 99 a threshold was crossed, 104 the "
        "scenario "
        "is invalid, 105 stopped by a signal, …; see throng(1).",
    .more_options = run_options_all,
    .run = run_command,
};

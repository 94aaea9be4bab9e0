#include "cli/run_options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "base/quantity.h"
#include "base/secret.h"
#include "cli/baseline.h"
#include "cli/run_reference.h"
#include "expr/threshold.h"
#include "measure/recorder.h"
#include "measure/threshold.h"
#include "plan/plan.h"
#include "result/history.h"
#include "result/verdict.h"
#include "scenario/scenario.h"
#include "workload/data.h"
#include "workload/trace.h"

#define MAX_ERRORS 100
#define MAX_METRICS 160 /* that thresholds can be on, and more */
#define MAX_LABELS 20   /* keys of dimensions, and more */
#define MAX_REPORT_BYTES ((size_t)1 << 20)

#define FIELD(name) offsetof(struct run_options, name)

static const struct option scenario_options_table[] = {
    {.name = "set",
     .kind = OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = FIELD(set),
     .help =
         "Overrides any key of the scenario, such as load.0.users=50. May be repeated."},
    {.name = "env",
     .letter = 'e',
     .kind = OPTION_TEXT,
     .value = "NAME",
     .offset = FIELD(environment),
     .help = "Which of the scenario's environments is laid over the rest of it."},
    {.name = "users",
     .alias = "vus",
     .letter = 'u',
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = FIELD(users),
     .help = "Scales every phase so that the peak is N users; in an open loop N people "
             "take the arrivals."},
    {.name = "rate",
     .alias = "request-rate",
     .kind = OPTION_TEXT,
     .value = "R",
     .offset = FIELD(rate),
     .help = "Scales the rates of an open loop so that the peak is R arrivals a second: "
             "50, 50/s, 300/m."},
    {.name = "duration",
     .letter = 'd',
     .kind = OPTION_TEXT,
     .value = "D",
     .offset = FIELD(duration),
     .help = "Scales the phases so that they take D in all: 30s, 5m."},
    {.name = "base-url",
     .letter = 'b',
     .kind = OPTION_LIST,
     .value = "[CLASS=]URL",
     .offset = FIELD(base_urls),
     .help = "The server under test, for all users or for those of one class."},
    {.name = "seed",
     .kind = OPTION_TEXT,
     .value = "N",
     .offset = FIELD(seed),
     .help = "What all random choices are made from."},
    {.name = "tag",
     .kind = OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = FIELD(tags),
     .help = "A tag of the whole run, written into its results. May be repeated."},
    {.name = "insecure",
     .letter = 'k',
     .kind = OPTION_FLAG,
     .offset = FIELD(insecure),
     .help = "Certificates are not verified; the result says so."},
    {.name = "workers",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = FIELD(workers),
     .help = "This run is one of N workers that share the load."},
    {.name = "worker-index",
     .kind = OPTION_TEXT,
     .value = "I",
     .offset = FIELD(worker_index),
     .help = "Which of them it is, from 0; JOB_COMPLETION_INDEX where that is set."},
};

static const struct option options_table[] = {
    {.name = "run-id",
     .kind = OPTION_TEXT,
     .value = "ID",
     .offset = FIELD(run_id),
     .help = "The run's name. Default: the scenario's, with date and time."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .offset = FIELD(out),
     .help = "Where results go, in a folder named by the run. Default: results."},
    {.name = "requests-jsonl",
     .kind = OPTION_FLAG,
     .offset = FIELD(requests_jsonl),
     .help = "Writes requests.jsonl too: samples.bin as lines of JSON."},
    {.name = "record-chunks",
     .kind = OPTION_FLAG,
     .offset = FIELD(record_chunks),
     .help = "Writes when each chunk of an answer came into samples.bin too."},
    {.name = "headless",
     .kind = OPTION_FLAG,
     .offset = FIELD(headless),
     .help = "Plain lines instead of live progress, also in a terminal."},
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = FIELD(quiet),
     .help = "No progress and no summary: the exit code and the results folder speak."},
    {.name = "log-level",
     .kind = OPTION_CHOICE,
     .value = "LEVEL",
     .choices = "debug|info|warn|error",
     .offset = FIELD(log_level),
     .help = "debug, info, warn (the default) or error."},
    {.name = "log-format",
     .kind = OPTION_CHOICE,
     .value = "FORMAT",
     .choices = "text|json",
     .offset = FIELD(log_format),
     .help = "text (the default) or json."},
    {.name = "log-bodies",
     .kind = OPTION_FLAG,
     .offset = FIELD(log_bodies),
     .help =
         "Logs what is sent and answered, at level info: keys and what is named like one "
         "are starred out, and long bodies cut. Never otherwise."},
    {.name = "no-cleanup",
     .kind = OPTION_FLAG,
     .offset = FIELD(no_cleanup),
     .help = "Leaves what was made at the platform, whatever the scenario says; `throng "
             "cleanup` removes it later."},
    {.name = "no-preflight",
     .kind = OPTION_FLAG,
     .offset = FIELD(no_preflight),
     .help = "Starts without the checks before the load."},
    {.name = "preflight-only",
     .kind = OPTION_FLAG,
     .offset = FIELD(preflight_only),
     .help = "Makes the checks and leaves."},
    {.name = "dry-run",
     .kind = OPTION_FLAG,
     .offset = FIELD(dry_run),
     .help = "Runs in virtual time against nobody: what would be sent, in moments."},
    {.name = "print-requests",
     .kind = OPTION_FLAG,
     .offset = FIELD(print_requests),
     .help = "With --dry-run: prints each request as a line of JSON."},
    {.name = "listen",
     .kind = OPTION_TEXT,
     .value = "ADDR:PORT",
     .offset = FIELD(listen),
     .help =
         "Serves /metrics, /healthz and /readyz there while the run goes on; :PORT is "
         "this machine alone, 0.0.0.0:PORT everybody, port 0 a free one."},
    {.name = "debug-memory",
     .kind = OPTION_FLAG,
     .offset = FIELD(debug_memory),
     .help = "With --listen: serves /debug/memory too."},
    {.name = "ui",
     .kind = OPTION_FLAG,
     .offset = FIELD(ui),
     .help = "A live page to watch and steer the run in a browser, at "
             "http://127.0.0.1:8089 or another free port; its URL is printed."},
    {.name = "ui-listen",
     .kind = OPTION_TEXT,
     .value = "ADDR:PORT",
     .offset = FIELD(ui_listen),
     .help = "Where --ui listens, and implies it: as --listen, and on an address that "
             "others can reach nothing is shown without the token."},
    {.name = "ui-token",
     .kind = OPTION_TEXT,
     .value = "TOKEN",
     .offset = FIELD(ui_token),
     .help = "Who has it may steer the run: 16 to 128 letters, digits, dots, dashes and "
             "underscores. Default: a new one, in the URL that is printed. Better given "
             "as THRONG_UI_TOKEN, which no list of processes shows."},
    {.name = "strict-export",
     .kind = OPTION_FLAG,
     .offset = FIELD(strict_export),
     .help =
         "A Pushgateway that did not take the last figures, a webhook that was not told "
         "of the end, or a history that did not take the run, fails the run (115)."},
    {.name = "notify",
     .kind = OPTION_TEXT,
     .value = "[failure=]URL",
     .offset = FIELD(notify),
     .help = "Posts how the run ended to a Slack-compatible webhook, beside those of the "
             "scenario; with failure= only where it failed. In the environment it is "
             "seen by fewer: THRONG_NOTIFY."},
    {.name = "ci",
     .kind = OPTION_CHOICE,
     .value = "SYSTEM",
     .choices = "auto|github|none",
     .offset = FIELD(ci),
     .help = "Which CI is told of the result in its own words: for github, annotations "
             "and the page of the job. auto, the default, asks the environment."},
    {.name = "no-kernel-stamps",
     .kind = OPTION_FLAG,
     .offset = FIELD(no_kernel_stamps),
     .help = "Arrival is when the program saw the bytes, not when the kernel got them: "
             "to show "
             "the difference."},
    {.name = "require-trust",
     .kind = OPTION_CHOICE,
     .value = "GRADE",
     .choices = "A|B|C|D",
     .offset = FIELD(require_trust),
     .help = "A run whose trust grade is worse than this fails with 116: A, B, C or D."},
    {.name = "baseline",
     .kind = OPTION_TEXT,
     .value = "RUN",
     .offset = FIELD(baseline),
     .help =
         "What thresholds such as p(95)<baseline*1.10 compare with: the name of a "
         "baseline of the scenario, an earlier run by its id, results folder or "
         "summary.json, or an exported baseline; none: there is none yet, and they are "
         "ignored. Default: the baseline named default, where there is one."},
    {.name = "history",
     .kind = OPTION_TEXT,
     .value = "PLACE",
     .offset = FIELD(history),
     .help = "Where the run is kept: a file, postgresql://user@host/database, or none. "
             "Default: outputs.history of the scenario, else history.db where results "
             "go."},
    {.name = "ground-truth",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = FIELD(ground_truth),
     .help = "With `target: simulator`: the simulator logs what it sent and when."},
};

static size_t copy_rows(const struct option *from, size_t count, struct option *rows,
                        size_t room)
{
    assert(count <= room);
    memcpy(rows, from, count * sizeof(*rows));
    return count;
}

size_t run_options_of_scenario(struct option *rows, size_t room)
{
    return copy_rows(scenario_options_table, COUNT_OF(scenario_options_table), rows,
                     room);
}

size_t run_options_all(struct option *rows, size_t room)
{
    const size_t count = run_options_of_scenario(rows, room);

    return count +
           copy_rows(options_table, COUNT_OF(options_table), rows + count, room - count);
}

static int refuse(const char *command, const char *what, const char *value,
                  const char *hint)
{
    fprintf(stderr, "throng %s: %s: '%s' %s\n", command, what, value, hint);
    return EXIT_COMMAND_LINE;
}

/* Splits "[class=]URL": a class name holds no colon, a URL's scheme does. */
static int read_base_urls(const struct option_list *list, struct scenario_base_url *urls,
                          char **ret_names)
{
    for (size_t i = 0; i < list->count; i++) {
        const char *equals = strchr(list->values[i], '=');
        const char *colon = strchr(list->values[i], ':');

        urls[i].url = list->values[i];
        if (!equals || (colon && colon < equals))
            continue;
        ret_names[i] = strndup(list->values[i], (size_t)(equals - list->values[i]));
        if (!ret_names[i])
            return -ENOMEM;
        urls[i].class_name = ret_names[i];
        urls[i].url = equals + 1;
    }
    return 0;
}

static void print_diags(const struct diag_list *diags)
{
    struct buf text = BUF_INIT(MAX_REPORT_BYTES);
    const bool colour = isatty(STDERR_FILENO) && !getenv("NO_COLOR");

    diag_print(diags, colour, &text);
    (void)fputs(buf_str(&text), stderr);
    buf_deinit(&text);
}

/* A bare number is a second's. Returns 0 or -EINVAL. */
static int read_rate(const char *text, double *ret_per_s)
{
    char per_second[64];
    const int len = snprintf(per_second, sizeof(per_second), "%s%s", text,
                             strchr(text, '/') ? "" : "/s");

    if (len < 0 || (size_t)len >= sizeof(per_second) ||
        quantity_parse_rate(per_second, ret_per_s) < 0 || *ret_per_s <= 0)
        return -EINVAL;
    return 0;
}

/* Fills in what needs parsing. Returns -1, or an exit code. */
static int read_numbers(const char *command, const struct run_options *options,
                        struct scenario_options *wanted, uint64_t *seed)
{
    const char *given =
        options->worker_index ? options->worker_index : getenv("JOB_COMPLETION_INDEX");
    uint64_t index = 0;

    if (options->duration &&
        (quantity_parse_duration(options->duration, &wanted->duration_ns) < 0 ||
         wanted->duration_ns == 0))
        return refuse(command, "--duration", options->duration,
                      "is no duration; write one such as 30s or 5m");
    if (options->rate && read_rate(options->rate, &wanted->rate_per_s) < 0)
        return refuse(command, "--rate", options->rate,
                      "is no rate above 0; write one such as 50, 50/s or 300/m");
    if (options->seed) {
        if (quantity_parse_count(options->seed, seed) < 0)
            return refuse(command, "--seed", options->seed, "is not a whole number");
        wanted->seed = seed;
    }
    if (given && *given && quantity_parse_count(given, &index) < 0)
        return refuse(command, "--worker-index", given, "is not a whole number");
    wanted->worker_count = options->workers > 0 ? (uint32_t)options->workers : 1;
    if (options->workers == 0)
        index = 0;
    wanted->worker_index = (uint32_t)index;
    if (index >= wanted->worker_count || options->workers > 100000) {
        fprintf(stderr, "throng %s: --worker-index must be below --workers\n", command);
        return EXIT_COMMAND_LINE;
    }
    return -1;
}

/* What a scenario is loaded with, and the memory of it. */
struct wanted {
    struct scenario_options options;
    struct threshold_metric metrics[MAX_METRICS];
    const char *labels[MAX_LABELS + 1];
    uint64_t seed;
    struct scenario_base_url *urls; /* owned */
    char **names;                   /* owned: of classes in them */
    size_t name_count;
};

static void wanted_deinit(struct wanted *wanted)
{
    for (size_t i = 0; wanted->names && i < wanted->name_count; i++)
        free(wanted->names[i]);
    free((void *)wanted->names);
    free(wanted->urls);
}

/* Returns -1, or an exit code. The options are borrowed. */
static int wanted_init(struct wanted *wanted, const char *command,
                       const struct run_options *options)
{
    int code;

    *wanted = (struct wanted){
        .options = {.config = {.overrides = options->set.values,
                               .override_count = options->set.count,
                               .environment = options->environment},
                    .slos = options->slos,
                    .users = options->users,
                    .tags = options->tags.values,
                    .tag_count = options->tags.count,
                    .base_url_count = options->base_urls.count,
                    .insecure = options->insecure},
        .name_count = options->base_urls.count,
    };
    while (wanted->options.metric_count < MAX_METRICS &&
           threshold_metric_at(wanted->options.metric_count,
                               &wanted->metrics[wanted->options.metric_count]))
        wanted->options.metric_count++;
    for (size_t i = 0; i < MAX_LABELS; i++)
        wanted->labels[i] = recorder_selector_key_at(i);
    wanted->options.metrics = wanted->metrics;
    wanted->options.labels = wanted->labels;
    code = read_numbers(command, options, &wanted->options, &wanted->seed);
    if (code >= 0)
        return code;
    wanted->urls = calloc(options->base_urls.count + 1, sizeof(*wanted->urls));
    wanted->names = (char **)calloc(options->base_urls.count + 1, sizeof(char *));
    wanted->options.base_urls = wanted->urls;
    if (wanted->urls && wanted->names &&
        read_base_urls(&options->base_urls, wanted->urls, wanted->names) == 0)
        return -1;
    (void)fputs("throng: out of memory\n", stderr);
    return EXIT_INTERNAL;
}

static int load(const char *path, const struct scenario_options *options,
                struct plan **ret_plan, struct data **ret_data)
{
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;
    int r = diag_list_new(MAX_ERRORS, &diags);

    if (r >= 0)
        r = scenario_load(path, options, diags, &plan);
    if (r >= 0)
        r = data_load(plan, diags, ret_data);
    if (r >= 0 && data_trace(*ret_data))
        r = plan_set_replay_length(plan, trace_facts(data_trace(*ret_data)).duration_ns);
    if (r == -ENOMEM)
        (void)fputs("throng: out of memory\n", stderr);
    else if (r < 0)
        print_diags(diags);
    diag_list_free(diags);
    if (r >= 0)
        *ret_plan = plan;
    else
        plan_free(plan);
    return r >= 0 ? -1 : r == -ENOMEM ? EXIT_INTERNAL : EXIT_SCENARIO;
}

/* As baseline_fill(). */
static int fill_baseline(const struct run_options *options, struct plan *plan,
                         struct buf *reterr)
{
    const char *given =
        options->history ? options->history : secret_reveal(plan->outputs.history);
    struct run_places places;
    int r = run_places_init(&places, options->out, given);

    if (r < 0) {
        buf_append_str(reterr, strerror(-r));
        return -EINVAL;
    }
    if (strcmp(places.history, "none") != 0)
        r = history_check_place(places.history, reterr);
    return r < 0 ? r : baseline_fill(&places, options->baseline, plan, reterr);
}

/* Puts the baseline into a plan that was loaded. Returns -1, or an exit code, and releases both then. */
static int compare_with(const struct run_options *options, const char *command,
                        struct plan **plan, struct data **data)
{
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_REPORT_BYTES);
    const int r = fill_baseline(options, *plan, &why);

    if (r == 0)
        return -1;
    fprintf(stderr, "throng %s: %s\n", command,
            r == -ENOMEM ? "out of memory" : buf_str(&why));
    *plan = plan_free(*plan);
    *data = data_free(*data);
    return r == -ENOMEM ? EXIT_INTERNAL : r == -EIO ? EXIT_PREFLIGHT : EXIT_COMMAND_LINE;
}

int run_options_load(const char *command, const char *path,
                     const struct run_options *options,
                     const struct run_options_wish *wish, struct plan **ret_plan,
                     struct data **ret_data)
{
    struct wanted wanted;
    int code = wanted_init(&wanted, command, options);

    if (wish) {
        wanted.options.resolved = wish->resolved;
        wanted.options.outline = wish->outline;
    }
    if (code < 0)
        code = load(path, &wanted.options, ret_plan, ret_data);
    if (code < 0)
        code = compare_with(options, command, ret_plan, ret_data);
    wanted_deinit(&wanted);
    return code;
}

int run_options_load_again(const char *path, const struct run_options *options,
                           struct diag_list *reterr_diags, struct outline **ret_outline,
                           struct plan **ret_plan)
{
    CLEANUP(buf_deinit) struct buf ignored = BUF_INIT(MAX_REPORT_BYTES);
    struct wanted wanted;
    /* These options were right once: memory is all that can be wrong with them now. */
    int r = wanted_init(&wanted, "run", options) < 0 ? 0 : -ENOMEM;

    wanted.options.outline = ret_outline;
    if (r == 0)
        r = scenario_load(path, &wanted.options, reterr_diags, ret_plan);
    /* A baseline that has gone meanwhile is missed when its thresholds are judged. */
    if (r >= 0)
        (void)fill_baseline(options, *ret_plan, &ignored);
    wanted_deinit(&wanted);
    return r;
}

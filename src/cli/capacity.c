/*
 * `throng capacity`: the highest load at which a scenario's people are served as they should be.
 */
#include "engine/capacity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "cli/capacity_options.h"
#include "cli/command.h"
#include "cli/descriptors.h"
#include "cli/live_progress.h"
#include "cli/run.h"
#include "expr/threshold.h"
#include "measure/capacity_text.h"
#include "plan/plan.h"
#include "plan/slo.h"
#include "result/verdict.h"

#define LOG_MODULE "capacity"

#define MAX_LINE_BYTES 4096
/* Of operations with SLOs: what DistServe (OSDI 2024) and others call SLO attainment. */
#define ATTAINMENT "rate>=90%"
#define ERRORS "rate<1%"

/* Of an open loop that the scenario has none of. */
#define PEOPLE 1000
#define MAX_WAIT_NS (10 * NS_PER_S)

/* One search, from its options to its end. */
struct quest {
    const struct capacity_wishes *wishes;
    struct capacity_terms terms;
    struct plan_threshold slos[CAPACITY_SLOS];
    size_t slo_count;
    size_t own_slo;
    struct plan plan; /* of the levels: the run's, with the SLOs as thresholds */
    struct capacity *capacity;
    const struct live_progress *progress;
};

static int fail(const char *sentence)
{
    fprintf(stderr, "throng capacity: %s\n", sentence);
    return EXIT_COMMAND_LINE;
}

/* In an open loop latency counts from when the request was due. */
static const char *metric_of(const char *name, bool by_rate)
{
    if (by_rate && strcmp(name, "ttft") == 0)
        return "ttft_from_due";
    if (by_rate && strcmp(name, "e2e") == 0)
        return "e2e_from_due";
    return name;
}

static void add_slo(struct quest *quest, const char *metric, const char *expression)
{
    quest->slos[quest->slo_count++] = (struct plan_threshold){
        .metric = metric, .selector = "", .expression = expression};
}

static bool is_error_rate(const struct plan_threshold *slo)
{
    return !*slo->selector && (strcmp(slo->metric, "error_rate") == 0 ||
                               strcmp(slo->metric, "http_req_failed") == 0);
}

/* Whether it compares with other times than a level's: with the begin of a phase, or with another run. */
static bool is_of_other_times(const struct plan_threshold *slo)
{
    struct threshold threshold;
    const char *hint;

    return threshold_parse(slo->expression, &threshold, &hint) == 0 &&
           (threshold.drift || threshold.written == THRESHOLD_BASELINE);
}

/* The thresholds that the scenario came to have, else its steps' SLOs; and always the errors. */
static int gather_slos(struct quest *quest, const struct plan *plan)
{
    bool asks_for_errors = false;

    if (plan->threshold_count > CAPACITY_SLOS - 1)
        return fail("a search judges at most 11 SLOs: name those that matter with --slo");
    for (size_t i = 0; i < plan->threshold_count; i++) {
        struct plan_threshold *slo = &quest->slos[quest->slo_count];

        *slo = plan->thresholds[i];
        if (is_of_other_times(slo)) {
            log_warn(
                "%s %s compares with other times, and a level is judged alone: it is "
                "left out of the search",
                slo->metric, slo->expression);
            continue;
        }
        quest->slo_count++;
        slo->metric = metric_of(slo->metric, quest->terms.by_rate);
        asks_for_errors = asks_for_errors || is_error_rate(slo);
    }
    if (quest->slo_count == 0 && plan_slo_metrics(plan) != 0)
        add_slo(quest, "slo_met", ATTAINMENT);
    if (quest->slo_count == 0)
        return fail("what must hold? Give --slo 'ttft: p(95)<500ms', or the scenario "
                    "thresholds, or its steps an slo");
    quest->own_slo = CAPACITY_SLOS;
    if (!asks_for_errors) {
        quest->own_slo = quest->slo_count;
        add_slo(quest, "error_rate", ERRORS);
    }
    if (quest->own_slo > quest->slo_count)
        quest->own_slo = quest->slo_count;
    return -1;
}

/* What levels are, by the options and the scenario. Returns -1, or an exit code. */
static int choose_kind(struct quest *quest, struct plan *plan)
{
    struct capacity_terms *terms = &quest->terms;

    if (!terms->by_users && !terms->by_rate) {
        terms->by_rate = plan_is_open(plan);
        terms->by_users = !terms->by_rate;
    }
    if (plan->arrivals.kind == PLAN_ARRIVALS_TRACE)
        return fail("a replay comes at its own times: there is no load to search for");
    if (terms->by_users)
        plan->arrivals = (struct plan_arrivals){.kind = PLAN_ARRIVALS_NONE};
    else if (!plan_is_open(plan))
        plan->arrivals = (struct plan_arrivals){.kind = PLAN_ARRIVALS_POISSON,
                                                .burstiness = 1,
                                                .users = PEOPLE,
                                                .max_wait_ns = MAX_WAIT_NS};
    if (terms->by_users && fmod(terms->from, 1) > 0)
        return fail("--from: users are whole");
    return -1;
}

/* Each user may have a connection of their own. */
static void limit_users(struct capacity_terms *terms)
{
    const int64_t allowed = descriptors_raise();
    const double most = (double)allowed - (double)descriptors_needed(0);

    if (terms->by_users && allowed >= 0 && most >= 1)
        terms->to = fmin(terms->to, most);
}

static void on_level(void *ctx, const struct capacity_report *report,
                     const struct capacity_level *level)
{
    const struct quest *quest = ctx;
    struct buf line = BUF_INIT(MAX_LINE_BYTES);

    capacity_say_level(report, level, &line);
    buf_append_char(&line, '\n');
    live_progress_say(quest->progress, buf_str(&line));
    buf_deinit(&line);
}

static int make_search(struct quest *quest, const struct plan *plan)
{
    const struct capacity_terms *terms = &quest->terms;
    struct capacity_options options = {
        .plan = &quest->plan,
        .own_slo = quest->own_slo,
        .by_rate = terms->by_rate,
        .from = terms->from,
        .to = terms->to,
        .resolution = terms->resolution,
        .confirm = terms->confirm,
        .settle_ns = terms->settle_ns,
        .first_settle_ns =
            terms->settle_ns > plan->warm_up_ns ? terms->settle_ns : plan->warm_up_ns,
        .hold_ns = terms->hold_ns,
        .max_duration_ns = terms->max_duration_ns,
        .least_trust = TRUST_C,
        .on_level = on_level,
        .ctx = quest,
    };

    if (quest->wishes->run.require_trust) /* one of the choices */
        (void)trust_grade_of(quest->wishes->run.require_trust, &options.least_trust);
    quest->plan = *plan;
    quest->plan.thresholds = quest->slos;
    quest->plan.threshold_count = quest->slo_count;
    if (capacity_new(&options, &quest->capacity) == 0)
        return -1;
    (void)fputs("throng: out of memory\n", stderr);
    return EXIT_INTERNAL;
}

/*
 * The run's plan has one phase, which the search goes on from, and no thresholds: levels that break are what
 * it looks for. Nor do the limits that end an overloaded run end a search.
 */
static int prepare(void *ctx, struct plan *plan)
{
    struct quest *quest = ctx;
    int code = choose_kind(quest, plan);

    if (code < 0)
        code = gather_slos(quest, plan);
    if (code >= 0)
        return code;
    limit_users(&quest->terms);
    if (quest->terms.to < quest->terms.from)
        return fail("--from: this machine has not so many file descriptors; raise the "
                    "hard limit (ulimit -Hn)");
    plan->limits.duration_ns = 0;
    plan->limits.error_rate = 0;
    code = make_search(quest, plan);
    if (code >= 0)
        return code;
    plan->thresholds = NULL;
    plan->threshold_count = 0;
    plan->phases = capacity_first_phase(quest->capacity);
    plan->phase_count = 1;
    plan->is_search = true;
    return -1;
}

static void attach(void *ctx, const struct live_progress *progress)
{
    struct quest *quest = ctx;

    quest->progress = progress;
}

static void on_open(void *ctx, struct engine *engine, struct recorder *recorder)
{
    struct quest *quest = ctx;

    capacity_open(quest->capacity, engine, recorder);
}

static void on_tick(void *ctx, const struct run_view *view)
{
    struct quest *quest = ctx;

    capacity_tick(quest->capacity, view);
}

/* An answer is the end that was looked for; without one, what there is instead. */
static void on_done(void *ctx, struct verdicts *verdicts)
{
    struct quest *quest = ctx;
    const struct capacity_report *report = capacity_report(quest->capacity);
    struct buf sentence = BUF_INIT(MAX_LINE_BYTES);

    capacity_finish(quest->capacity);
    capacity_say_answer(report, &sentence);
    switch (report->end) {
    case CAPACITY_SEARCHING:
    case CAPACITY_FOUND:
    case CAPACITY_TOP_HELD:
        break;
    case CAPACITY_NONE_HELD:
        verdicts_add(verdicts, EXIT_THRESHOLDS, "%s", buf_str(&sentence));
        break;
    case CAPACITY_UNCONFIRMED:
    case CAPACITY_CLIENT:
        verdicts_add(verdicts, EXIT_UNTRUSTED, "%s", buf_str(&sentence));
        break;
    }
    buf_deinit(&sentence);
}

static const struct plan *plan_of(const void *ctx)
{
    const struct quest *quest = ctx;

    return capacity_plan(quest->capacity);
}

static const struct capacity_report *report_of(const void *ctx)
{
    const struct quest *quest = ctx;

    return capacity_report(quest->capacity);
}

static int search(const struct command *command, struct capacity_wishes *wishes,
                  const char *path)
{
    struct quest quest = {.wishes = wishes};
    const struct run_driver driver = {
        .ctx = &quest,
        .prepare = prepare,
        .attach = attach,
        .session = {.ctx = &quest,
                    .on_open = on_open,
                    .on_tick = on_tick,
                    .on_done = on_done,
                    .plan = plan_of,
                    .report = report_of},
    };
    char *slos = NULL;
    int code = capacity_terms_read(wishes, &quest.terms);

    if (code < 0)
        code = capacity_slos_write(wishes, &slos);
    wishes->run.slos = slos;
    if (code < 0)
        code = run_driven(command, &wishes->run, path, &driver);
    capacity_free(quest.capacity);
    free(slos);
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct capacity_wishes wishes = {0};
    struct option_list arguments = {0};
    int code = command_begin(command, argc, argv, &wishes, &arguments);

    if (code < 0)
        code = search(command, &wishes, arguments.values[0]);
    option_list_deinit(&wishes.slos);
    option_list_deinit(&wishes.run.set);
    option_list_deinit(&wishes.run.base_urls);
    option_list_deinit(&wishes.run.tags);
    option_list_deinit(&arguments);
    return code;
}

const struct command command_capacity = {
    .name = "capacity",
    .arguments = "SCENARIO",
    .min_arguments = 1,
    .max_arguments = 1,
    .summary = "find the highest load that holds",
    .details =
        "Takes the people, targets and flows of a scenario, and makes its load while it "
        "runs: steps up until an SLO breaks, a bisection between what held and what "
        "broke, and the answer again until it is sure. Prints the answer with what broke "
        "above it, throughput against latency, the knee and what saturated, and writes a "
        "results folder as a run does. Exit codes: 0 an answer was found, 99 not even "
        "the first level held, 116 the answer could not be confirmed or throng itself "
        "was too slow; and those of a run.",
    .more_options = capacity_options_all,
    .run = run,
};

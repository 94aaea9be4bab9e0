#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "cli/run_options.h"
#include "plan/plan.h"
#include "result/verdict.h"
#include "workload/data.h"
#include "workload/question.h"

/* Lines are collected and written in pieces of this size. */
#define PIECE_BYTES ((size_t)256 * 1024)

/* No question that a scenario words is longer. */
#define MAX_LINE_BYTES ((size_t)1 << 20)

struct questions_options {
    const char *strategy;
    uint64_t seed;
    uint64_t orgs;
    uint64_t users;
    uint64_t count;
    const char *run_id;
    const char *scenario;
    const char *questions;
};

static const struct option options[] = {
    {.name = "strategy",
     .letter = 's',
     .kind = OPTION_TEXT,
     .value = "NAME",
     .offset = offsetof(struct questions_options, strategy),
     .help =
         "historical, mathematical, geographical, hypothetical, technical or mixed (the "
         "default)."},
    {.name = "seed",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct questions_options, seed),
     .help =
         "What the questions are made from: the same seed asks the same. Default: 1."},
    {.name = "orgs",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct questions_options, orgs),
     .help = "Organizations that the users are spread over. Default: 1."},
    {.name = "users",
     .letter = 'u',
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct questions_options, users),
     .help = "People who take turns to ask. Default: 1."},
    {.name = "count",
     .letter = 'n',
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct questions_options, count),
     .help = "Questions to print. Default: 10."},
    {.name = "run-id",
     .kind = OPTION_TEXT,
     .value = "ID",
     .offset = offsetof(struct questions_options, run_id),
     .help =
         "Asks as the run of this id would; without it, as `unique_over: seed` does."},
    {.name = "scenario",
     .kind = OPTION_TEXT,
     .value = "FILE",
     .offset = offsetof(struct questions_options, scenario),
     .help = "A scenario that words questions of its own, to print those instead."},
    {.name = "questions",
     .kind = OPTION_TEXT,
     .value = "NAME",
     .offset = offsetof(struct questions_options, questions),
     .help = "Which of the scenario's questions; the first ones without it."},
};

/* Prints all, those of the scenario where there are any; 0, or a negative errno. */
static int print_questions(const struct questions_options *wanted,
                           const struct question_strategy *strategy,
                           const struct plan_questions *own)
{
    struct question_source source = {
        .strategy = strategy,
        .seed = wanted->seed,
        .nonce = wanted->run_id ? question_nonce_of_run(wanted->run_id)
                                : question_nonce_of_seed(wanted->seed),
    };
    struct buf text = BUF_INIT(PIECE_BYTES + MAX_LINE_BYTES);
    int r = buf_reserve(&text, PIECE_BYTES + QUESTION_MAX_BYTES);

    for (uint64_t i = 0; r >= 0 && i < wanted->count; i++) {
        const uint64_t user = i % wanted->users;

        source.organization = user % wanted->orgs;
        r = own ? question_write_own(&source, own, user, i / wanted->users, &text)
                : question_write(&source, user, i / wanted->users, &text);
        if (r >= 0)
            r = buf_append_char(&text, '\n');
        if (text.len < PIECE_BYTES && i + 1 < wanted->count)
            continue;
        if (fwrite(buf_str(&text), 1, text.len, stdout) != text.len)
            break; /* the reader has enough, as `head` does */
        buf_clear(&text);
    }
    buf_deinit(&text);
    return r;
}

static void print_strategies(const char *unknown)
{
    fprintf(stderr, "throng questions: '%s' is no strategy; there are:\n", unknown);
    for (size_t i = 0; question_strategy_at(i); i++)
        fprintf(stderr, "  %-14s %s\n", question_strategy_at(i)->name,
                question_strategy_at(i)->help);
}

/* Prints, and says where that fails; the exit code. */
static int ask(const struct questions_options *wanted,
               const struct question_strategy *strategy, const struct plan_questions *own)
{
    const int r = print_questions(wanted, strategy, own);

    if (r < 0)
        fprintf(stderr, "throng questions: %s; ask for fewer questions or users\n",
                strerror(-r));
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
}

/* The plan's questions of a name, the first without one; NULL: there are none, which is told. */
static const struct plan_questions *find_own(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->question_count; i++)
        if (!name || strcmp(plan->questions[i].name, name) == 0)
            return &plan->questions[i];
    fprintf(stderr, "throng questions: the scenario words no questions%s%s%s\n",
            name ? " '" : "", name ? name : " of its own", name ? "'" : "");
    for (size_t i = 0; i < plan->question_count; i++)
        fprintf(stderr, "  %s\n", plan->questions[i].name);
    return NULL;
}

static int ask_scenario(const struct command *command,
                        const struct questions_options *wanted)
{
    const struct run_options as_it_is = {0};
    const struct plan_questions *own;
    struct plan *plan = NULL;
    struct data *data = NULL;
    int code =
        run_options_load(command->name, wanted->scenario, &as_it_is, NULL, &plan, &data);

    if (code >= 0)
        return code;
    own = find_own(plan, wanted->questions);
    code = own ? ask(wanted, NULL, own) : EXIT_COMMAND_LINE;
    data_free(data);
    plan_free(plan);
    return code;
}

static int run(const struct command *command, int argc, char **argv)
{
    struct questions_options wanted = {
        .strategy = "mixed", .seed = 1, .orgs = 1, .users = 1, .count = 10};
    struct option_list none = {0};
    const int code = command_begin(command, argc, argv, &wanted, &none);

    option_list_deinit(&none);
    if (code >= 0)
        return code;
    const struct question_strategy *strategy = question_strategy_find(wanted.strategy);

    if (!strategy) {
        print_strategies(wanted.strategy);
        return EXIT_COMMAND_LINE;
    }
    if (wanted.users == 0 || wanted.orgs == 0) {
        (void)fputs("throng questions: --users and --orgs must be at least 1\n", stderr);
        return EXIT_COMMAND_LINE;
    }
    if (wanted.scenario)
        return ask_scenario(command, &wanted);
    if (wanted.questions) {
        (void)fputs("throng questions: --questions needs the --scenario they are in\n",
                    stderr);
        return EXIT_COMMAND_LINE;
    }
    return ask(&wanted, strategy, NULL);
}

const struct command command_questions = {
    .name = "questions",
    .arguments = "",
    .summary = "print the questions that simulated people would ask",
    .details =
        "One question a line, user by user in turn. No two are alike, from their first "
        "words on: `throng questions --count 1000000 --users 1000 | sort | uniq -d` "
        "prints "
        "nothing.",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};

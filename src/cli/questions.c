#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"
#include "result/verdict.h"
#include "workload/question.h"

/* Lines are collected and written in pieces of this size. */
#define PIECE_BYTES ((size_t)256 * 1024)

struct questions_options {
    const char *strategy;
    uint64_t seed;
    uint64_t orgs;
    uint64_t users;
    uint64_t count;
    const char *run_id;
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
};

/* Prints all; 0, or a negative errno. */
static int print_questions(const struct questions_options *wanted,
                           const struct question_strategy *strategy)
{
    struct question_source source = {
        .strategy = strategy,
        .seed = wanted->seed,
        .nonce = wanted->run_id ? question_nonce_of_run(wanted->run_id)
                                : question_nonce_of_seed(wanted->seed),
    };
    struct buf text = BUF_INIT(PIECE_BYTES + QUESTION_MAX_BYTES + 1);
    int r = buf_reserve(&text, PIECE_BYTES + QUESTION_MAX_BYTES);

    for (uint64_t i = 0; r >= 0 && i < wanted->count; i++) {
        const uint64_t user = i % wanted->users;

        source.organization = user % wanted->orgs;
        r = question_write(&source, user, i / wanted->users, &text);
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
    const int r = print_questions(&wanted, strategy);

    if (r < 0)
        fprintf(stderr, "throng questions: %s; ask for fewer questions or users\n",
                strerror(-r));
    return r < 0 ? EXIT_INTERNAL : EXIT_PASSED;
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

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/option.h"

struct wanted {
    bool quiet;
    const char *out;
    struct option_list set;
    uint64_t users;
    const char *level;
};

static const struct option options[] = {
    {.name = "quiet",
     .letter = 'q',
     .kind = OPTION_FLAG,
     .offset = offsetof(struct wanted, quiet),
     .help = "Says nothing."},
    {.name = "out",
     .letter = 'o',
     .kind = OPTION_TEXT,
     .value = "DIR",
     .offset = offsetof(struct wanted, out),
     .help = "Where to."},
    {.name = "set",
     .kind = OPTION_LIST,
     .value = "KEY=VALUE",
     .offset = offsetof(struct wanted, set),
     .help = "Overrides."},
    {.name = "users",
     .alias = "vus",
     .kind = OPTION_COUNT,
     .value = "N",
     .offset = offsetof(struct wanted, users),
     .help = "How many.",
     .fallback = "7"},
    {.name = "log_level",
     .kind = OPTION_CHOICE,
     .value = "LEVEL",
     .choices = "debug|warn",
     .offset = offsetof(struct wanted, level),
     .help = "How much."},
};

static const struct command command = {
    .name = "test",
    .arguments = "FILE",
    .min_arguments = 1,
    .max_arguments = 2,
    .summary = "a command for tests",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
};

/* What came of a command line. One at a time: release() before the next. */
struct outcome {
    struct wanted wanted;
    struct option_list arguments;
    char error[256];
    int r;
};

static struct outcome parse(const char *const *words)
{
    static char copies[16][64]; /* argv's texts may be written to */
    struct outcome outcome = {0};
    struct buf error = BUF_INIT(sizeof(outcome.error) - 1);
    char *argv[16];
    int argc = 0;

    for (; words[argc]; argc++) {
        assert_true(argc < 16 && strlen(words[argc]) < sizeof(copies[0]));
        memcpy(copies[argc], words[argc], strlen(words[argc]) + 1);
        argv[argc] = copies[argc];
    }
    outcome.r =
        option_parse(&command, argc, argv, &outcome.wanted, &outcome.arguments, &error);
    memcpy(outcome.error, buf_str(&error), error.len + 1);
    buf_deinit(&error);
    return outcome;
}

static void release(struct outcome *outcome)
{
    option_list_deinit(&outcome->wanted.set);
    option_list_deinit(&outcome->arguments);
}

static void assert_mistake(struct outcome outcome, const char *sentence)
{
    assert_int_equal(outcome.r, -EINVAL);
    assert_string_equal(outcome.error, sentence);
    release(&outcome);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void each_form_of_an_option_is_understood(void **state)
{
    struct outcome seen = PARSE("-q", "--out=here", "--set", "a=1", "file", "--set=b=2",
                                "--vus", "12", "--log-level", "warn");

    (void)state;
    assert_int_equal(seen.r, 0);
    assert_true(seen.wanted.quiet);
    assert_string_equal(seen.wanted.out, "here");
    assert_int_equal(seen.wanted.set.count, 2);
    assert_string_equal(seen.wanted.set.values[1], "b=2");
    assert_int_equal(seen.wanted.users, 12);
    assert_string_equal(seen.wanted.level, "warn");
    assert_int_equal(seen.arguments.count, 1);
    assert_string_equal(seen.arguments.values[0], "file");
    release(&seen);
}

static void behind_two_dashes_all_words_are_arguments(void **state)
{
    struct outcome seen = PARSE("--", "-q", "--out");

    (void)state;
    assert_int_equal(seen.r, 0);
    assert_false(seen.wanted.quiet);
    assert_int_equal(seen.arguments.count, 2);
    release(&seen);
}

static void mistakes_are_told_with_what_to_write(void **state)
{
    (void)state;
    assert_mistake(PARSE("--nope", "f"),
                   "unknown option '--nope'; see `throng test --help`");
    assert_mistake(PARSE("f", "--out"), "--out needs a value: --out DIR");
    assert_mistake(PARSE("f", "--users", "many"),
                   "--users: 'many' is not a whole number");
    assert_mistake(PARSE("f", "--log-level", "loud"),
                   "--log-level: 'loud' is none of debug|warn");
    assert_mistake(PARSE("-q"), "FILE is missing: throng test FILE");
    assert_mistake(PARSE("a", "b", "c"), "too many words: throng test FILE");
    assert_mistake(PARSE("f", "-qx"), "unknown option '-qx'; see `throng test --help`");
}

static void the_environment_gives_values_and_the_command_line_wins(void **state)
{
    (void)state;
    setenv("THRONG_OUT", "from-environment", 1);
    setenv("THRONG_LOG_LEVEL", "debug", 1);
    setenv("THRONG_QUIET", "false", 1);
    struct outcome seen = PARSE("f");

    assert_string_equal(seen.wanted.out, "from-environment");
    assert_string_equal(seen.wanted.level, "debug");
    assert_false(seen.wanted.quiet);
    release(&seen);
    seen = PARSE("f", "--out", "given");
    assert_string_equal(seen.wanted.out, "given");
    release(&seen);
    unsetenv("THRONG_OUT");
    unsetenv("THRONG_LOG_LEVEL");
    unsetenv("THRONG_QUIET");
}

static void a_bad_value_in_the_environment_is_named(void **state)
{
    (void)state;
    setenv("THRONG_USERS", "x", 1);
    struct outcome seen = PARSE("f");

    unsetenv("THRONG_USERS");
    assert_mistake(seen, "THRONG_USERS: 'x' is not a whole number");
}

static void the_help_names_every_option_and_its_default(void **state)
{
    struct buf help = BUF_INIT(8192);

    (void)state;
    assert_int_equal(option_help(&command, &help), 0);
    assert_non_null(strstr(buf_str(&help), "-o, --out DIR"));
    assert_non_null(strstr(buf_str(&help), "--users N, --vus"));
    assert_non_null(strstr(buf_str(&help), "--log-level LEVEL"));
    assert_non_null(strstr(buf_str(&help), "Default: 7."));
    buf_deinit(&help);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_of_an_option_is_understood),
        cmocka_unit_test(behind_two_dashes_all_words_are_arguments),
        cmocka_unit_test(mistakes_are_told_with_what_to_write),
        cmocka_unit_test(the_environment_gives_values_and_the_command_line_wins),
        cmocka_unit_test(a_bad_value_in_the_environment_is_named),
        cmocka_unit_test(the_help_names_every_option_and_its_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

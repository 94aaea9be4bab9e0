/* What the live page may ask of a run, and what it may not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "measure/run_view.h"
#include "output/live_command.h"

static int read_text(const char *body, struct live_command *ret_command, char *problem)
{
    *problem = '\0';
    return live_command_read(body, strlen(body), ret_command, problem);
}

static void each_command_is_read(void **state)
{
    char problem[LIVE_SENTENCE_BYTES];
    struct live_command command;

    (void)state;
    assert_int_equal(read_text("{\"users\": 40}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_USERS);
    assert_int_equal(command.users, 40);
    assert_int_equal(read_text("{\"rate\": 12.5}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_RATE);
    assert_true(command.rate_per_s > 12.4 && command.rate_per_s < 12.6);
    assert_int_equal(read_text("{\"rate\": 3}", &command, problem), 0);
    assert_int_equal(read_text("{\"pause\": true}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_PAUSE);
    assert_int_equal(read_text("{\"resume\":true}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_RESUME);
    assert_int_equal(read_text("{\"stop\":true}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_STOP);
    assert_int_equal(read_text("{\"mark\":\"v2 läuft\"}", &command, problem), 0);
    assert_int_equal(command.kind, LIVE_MARK);
    assert_string_equal(command.text, "v2 läuft");
}

static void nothing_else_is(void **state)
{
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "null",
        "40",
        "{\"users\": 40",
        "{\"users\": 40} x",
        "{\"users\": -1}",
        "{\"users\": 4.5}",
        "{\"users\": \"40\"}",
        "{\"users\": 99999999999999999999}",
        "{\"users\": null}",
        "{\"users\": 1, \"users\": 2}",
        "{\"users\": 1, \"stop\": true}",
        "{\"rate\": -0.1}",
        "{\"rate\": 1e999}",
        "{\"rate\": \"fast\"}",
        "{\"pause\": false}",
        "{\"stop\": 1}",
        "{\"mark\": \"\"}",
        "{\"mark\": \" \\n\"}",
        "{\"mark\": \"a\\u0000b\"}",
        "{\"mark\": \"\xff\xfe\"}",
        "{\"mark\": [\"x\"]}",
        "{\"constructor\": true}",
        "{\"Users\": 4}",
    };
    char problem[LIVE_SENTENCE_BYTES];
    struct live_command command;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bodies); i++) {
        assert_int_equal(read_text(bodies[i], &command, problem), -EINVAL);
        assert_true(*problem != '\0' && problem[strlen(problem) - 1] == '.');
    }
}

static void deep_and_long_bodies_are_bounded(void **state)
{
    enum { DEPTH = 100000 };
    char problem[LIVE_SENTENCE_BYTES];
    struct live_command command;
    char *deep = malloc(DEPTH);
    char mark[600];

    (void)state;
    assert_non_null(deep);
    memset(deep, '[', DEPTH);
    assert_int_equal(live_command_read(deep, DEPTH, &command, problem), -EINVAL);
    free(deep);
    (void)snprintf(mark, sizeof(mark), "{\"mark\": \"%0*d\"}", RUN_MARK_BYTES, 0);
    assert_int_equal(read_text(mark, &command, problem), -EINVAL);
    assert_non_null(strstr(problem, "199 bytes"));
    (void)snprintf(mark, sizeof(mark), "{\"mark\": \"%0*d\"}", RUN_MARK_BYTES - 1, 0);
    assert_int_equal(read_text(mark, &command, problem), 0);
}

/* A run that says what it is told to say. */
struct answers {
    int r;
    enum stop_reason reason;
    unsigned calls;
};

static int answer_count(void *ctx, uint64_t users)
{
    (void)users;
    ((struct answers *)ctx)->calls++;
    return ((struct answers *)ctx)->r;
}

static int answer_rate(void *ctx, double rate_per_s)
{
    (void)rate_per_s;
    return answer_count(ctx, 0);
}

static int answer_order(void *ctx)
{
    return answer_count(ctx, 0);
}

static int answer_stop(void *ctx, enum stop_reason reason)
{
    ((struct answers *)ctx)->reason = reason;
    return answer_count(ctx, 0);
}

static int answer_mark(void *ctx, const char *text)
{
    (void)text;
    return answer_count(ctx, 0);
}

static void what_the_run_says_becomes_a_sentence(void **state)
{
    static const int refusals[] = {-EINVAL, -EPERM, -ERANGE, -ENOSPC, -ENOMEM};
    struct answers answers = {0};
    const struct run_control control = {.ctx = &answers,
                                        .set_users = answer_count,
                                        .set_rate = answer_rate,
                                        .pause = answer_order,
                                        .resume = answer_order,
                                        .stop = answer_stop,
                                        .mark = answer_mark};
    char problem[LIVE_SENTENCE_BYTES];

    (void)state;
    for (enum live_command_kind kind = LIVE_USERS; kind <= LIVE_MARK; kind++) {
        const struct live_command command = {.kind = kind};

        answers.r = 0;
        assert_int_equal(live_command_run(&command, &control, problem), 0);
        for (size_t i = 0; i < COUNT_OF(refusals); i++) {
            *problem = '\0';
            answers.r = refusals[i];
            assert_int_equal(live_command_run(&command, &control, problem), refusals[i]);
            assert_true(*problem != '\0');
        }
    }
    assert_int_equal(answers.calls, 6 * 6);
    assert_int_equal(answers.reason, STOP_BY_HAND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_command_is_read),
        cmocka_unit_test(nothing_else_is),
        cmocka_unit_test(deep_and_long_bodies_are_bounded),
        cmocka_unit_test(what_the_run_says_becomes_a_sentence),
    };

    return cmocka_run_group_tests_name("live_command", tests, NULL, NULL);
}

/*
 * Environments: which one is taken, and what is laid over what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "transcript.h"

static void check(const char *text, const struct transcript_setup *setup,
                  const char *expected)
{
    char *seen = transcript_of(text, strlen(text), setup);

    assert_string_equal(seen, expected);
    free(seen);
}

static const char text[] = "env: one\n"
                           "target: {url: a, key: k}\n"
                           "list: [1, 2]\n"
                           "environments:\n"
                           "  one: {target: {url: b}, list: [3]}\n"
                           "  two: {new: c}\n";

#define REST                                                                             \
    "\"environments\":{\"one\":{\"target\":{\"url\":\"b\"},\"list\":[3]},\"two\":{"      \
    "\"new\":\"c\"}}"

static void the_one_that_is_named_is_laid_over_the_rest(void **state)
{
    static const struct transcript_setup by_file = {.has_environments = true};
    static const struct transcript_setup by_option = {.has_environments = true,
                                                      .chosen = "two"};
    static const struct transcript_setup unknown = {.has_environments = true,
                                                    .chosen = "tow"};
    static const struct transcript_setup without = {.chosen = "two"};

    (void)state;
    check(text, &by_file,
          "{\"env\":\"one\",\"target\":{\"url\":\"b\",\"key\":\"k\"},\"list\":[3]," REST
          "}");
    check(text, &by_option,
          "{\"env\":\"one\",\"target\":{\"url\":\"a\",\"key\":\"k\"},\"list\":[1,2]," REST
          ",\"new\":\"c\"}");
    check(text, &unknown,
          "--env: error: there is no environment 'tow'\n"
          "      = hint: did you mean 'two'?\n1 error\n");
    check(text, &without,
          "{\"env\":\"one\",\"target\":{\"url\":\"a\",\"key\":\"k\"},\"list\":[1,2]," REST
          "}");
    check("a: 1\n", &by_option,
          "--env: error: there is no environment 'two', nor any other\n"
          "      = hint: add it below 'environments'\n1 error\n");
}

static void overrides_win_over_environments(void **state)
{
    static const char *const overrides[] = {"target.url=c"};
    static const struct transcript_setup setup = {
        .has_environments = true, .overrides = overrides, .override_count = 1};

    (void)state;
    check(text, &setup,
          "{\"env\":\"one\",\"target\":{\"url\":\"c\",\"key\":\"k\"},\"list\":[3]," REST
          "}");
}

static void an_override_may_say_which_one(void **state)
{
    static const char *const overrides[] = {"env=two"};
    static const struct transcript_setup setup = {
        .has_environments = true, .overrides = overrides, .override_count = 1};

    (void)state;
    check(text, &setup,
          "{\"env\":\"two\",\"target\":{\"url\":\"a\",\"key\":\"k\"},\"list\":[1,2]," REST
          ",\"new\":\"c\"}");
}

static void write_file(const char *folder, const char *name, const char *content)
{
    char path[200];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void an_environment_may_be_a_file_beside_this_one(void **state)
{
    static const struct transcript_setup setup = {.has_environments = true,
                                                  .chosen = "one"};
    static const char *const names[] = {"main.yaml", "one.yaml", "below.yaml"};
    char folder[] = "/tmp/throng-environment-XXXXXX";
    char path[200];
    char *seen;

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "main.yaml", "a: 1\nb: 2\nenvironments: {one: one.yaml}\n");
    write_file(folder, "one.yaml", "include: below.yaml\na: 3\n");
    write_file(folder, "below.yaml", "c: 4\n");
    (void)snprintf(path, sizeof(path), "%s/main.yaml", folder);
    seen = transcript_of_file(path, &setup);
    assert_non_null(strstr(seen, "{\"a\":3,\"b\":2,\"environments\":{\"one\":{\"c\":4,"));
    free(seen);
    write_file(folder, "main.yaml",
               "a: 1\nenvironments: {one: none.yaml, two: main.yaml}\n");
    seen = transcript_of_file(path, &setup);
    assert_non_null(strstr(seen, "main.yaml:2:21: error: cannot include 'none.yaml'"));
    assert_non_null(strstr(seen, "main.yaml:2:37: error: 'main.yaml' includes itself"));
    free(seen);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_that_is_named_is_laid_over_the_rest),
        cmocka_unit_test(overrides_win_over_environments),
        cmocka_unit_test(an_override_may_say_which_one),
        cmocka_unit_test(an_environment_may_be_a_file_beside_this_one),
    };

    return cmocka_run_group_tests_name("config/environment", tests, NULL, NULL);
}

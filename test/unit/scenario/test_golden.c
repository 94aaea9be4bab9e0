/*
 * What people are told about scenarios that are wrong: each folder of test/golden/bad holds a
 * scenario.yaml, the messages that it is expected to get, and maybe an `overrides` file with what
 * --set would add, one a line.
 *
 *   test_scenario_golden FOLDER            compares
 *   test_scenario_golden FOLDER --update   writes what is said now as what is expected
 */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/diag.h"
#include "expr/threshold.h"
#include "written.h"

#define MAX_OVERRIDES 16

/* One folder. */
struct bad_case {
    const char *root;
    const char *name;
    bool update;
};

static const char *look_up(void *ctx, const char *name)
{
    static const char *const variables[][2] = {
        {"KEY", "sk-live-never-shown"},
        {"KEY_WITH_LINE_BREAK", "sk-live-never-shown\nX-Evil: 1"},
        {"EMPTY", ""},
        {"URL_WITH_KEY", "https://sk-live-never-shown@host/"},
        {"WORD", "sk-live-never-shown"}};

    (void)ctx;
    for (size_t i = 0; i < COUNT_OF(variables); i++) {
        if (strcmp(variables[i][0], name) == 0)
            return variables[i][1];
    }
    return NULL;
}

/* Cuts the lines of the file, if there is one. */
static size_t read_overrides(char **ret_text, const char *lines[static MAX_OVERRIDES])
{
    size_t count = 0;

    *ret_text = NULL;
    if (access("overrides", R_OK) < 0)
        return 0;
    *ret_text = written_file("overrides");
    for (char *at = *ret_text; *at; count++) {
        char *end = strchr(at, '\n');

        assert_true(count < MAX_OVERRIDES);
        lines[count] = at;
        assert_non_null(end);
        *end = '\0';
        at = end + 1;
    }
    return count;
}

/* A few of those that a run has, and their kinds. */
static const struct threshold_metric metrics[] = {
    {.name = "backend_waiting", .kind = THRESHOLD_OF_READINGS, .of_backends = true},
    {.name = "gpu_utilization", .kind = THRESHOLD_OF_SHARE_READINGS, .of_backends = true},
    {.name = "backend_queue_time",
     .kind = THRESHOLD_OF_TIME_READINGS,
     .of_backends = true},
    {.name = "icl", .kind = THRESHOLD_OF_TIME, .sizeless = true},
    {.name = "ttft", .kind = THRESHOLD_OF_TIME},
    {.name = "e2e", .kind = THRESHOLD_OF_TIME},
    {.name = "checks", .kind = THRESHOLD_OF_SHARE, .sizeless = true, .of_checks = true},
    {.name = "error_rate", .kind = THRESHOLD_OF_SHARE},
    {.name = "requests", .kind = THRESHOLD_OF_COUNT},
    {.name = "goodput", .kind = THRESHOLD_OF_RATE, .sizeless = true, .of_slos = true},
    {.name = "slo_met", .kind = THRESHOLD_OF_SHARE, .sizeless = true, .of_slos = true},
    {.name = "requests_per_second", .kind = THRESHOLD_OF_RATE},
    {.name = "cost_usd", .kind = THRESHOLD_OF_MONEY},
    {.name = "tps", .kind = THRESHOLD_OF_SPEED},
    {.name = "tps_efficiency", .kind = THRESHOLD_OF_SHARE, .of_theory = true},
    {.name = "isolation", .kind = THRESHOLD_OF_SHARE, .whole = true, .of_budgets = true},
    {.name = "question_uniqueness", .kind = THRESHOLD_OF_SHARE, .whole = true},
    {.name = "trust", .kind = THRESHOLD_OF_GRADE, .whole = true},
};
static const char *const labels[] = {"model",       "backend", "org_id", "step",  "class",
                                     "phase",       "region",  "target", "group", "arm",
                                     "prompt_size", "check",   NULL};

static char *messages_of_case(void)
{
    const char *lines[MAX_OVERRIDES] = {0};
    struct buf messages = BUF_INIT((size_t)1 << 20);
    struct scenario_options options = {.config = {.lookup = look_up, .overrides = lines},
                                       .metrics = metrics,
                                       .metric_count = COUNT_OF(metrics),
                                       .labels = labels};
    struct diag_list *diags = NULL;
    struct plan *plan = NULL;
    char *text;

    options.config.override_count = read_overrides(&text, lines);
    assert_int_equal(diag_list_new(100, &diags), 0);
    assert_int_equal(scenario_load("scenario.yaml", &options, diags, &plan), -EINVAL);
    assert_int_equal(diag_print(diags, 0, &messages), 0);
    diag_list_free(diags);
    free(text);
    return buf_take(&messages);
}

static void a_bad_scenario_gets_the_expected_messages(void **state)
{
    const struct bad_case *bad = *state;
    char *said;
    char *expected;

    assert_int_equal(chdir(bad->root), 0);
    assert_int_equal(chdir(bad->name), 0);
    said = messages_of_case();
    assert_null(strstr(said, "never-shown"));
    if (bad->update) {
        FILE *file = fopen("expected", "we");

        assert_non_null(file);
        assert_true(fputs(said, file) >= 0);
        assert_int_equal(fclose(file), 0);
    }
    expected = written_file("expected");
    if (strcmp(said, expected) != 0)
        fail_msg("%s: said\n%s\nbut expected\n%s", bad->name, said, expected);
    free(expected);
    free(said);
}

int main(int argc, char **argv)
{
    struct dirent **entries;
    const int entry_count = argc > 1 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    struct CMUnitTest *tests;
    struct bad_case *cases;
    size_t count = 0;
    int failed;

    if (entry_count < 0)
        return 2;
    tests = calloc((size_t)entry_count, sizeof(*tests));
    cases = calloc((size_t)entry_count, sizeof(*cases));
    if (!tests || !cases)
        return 2;
    for (int i = 0; i < entry_count; i++) {
        if (entries[i]->d_name[0] == '.')
            continue;
        cases[count] = (struct bad_case){argv[1], entries[i]->d_name, argc > 2};
        tests[count] =
            (struct CMUnitTest){.name = entries[i]->d_name,
                                .test_func = a_bad_scenario_gets_the_expected_messages,
                                .initial_state = &cases[count]};
        count++;
    }
    failed = _cmocka_run_group_tests("scenario/golden", tests, count, NULL, NULL);
    for (int i = 0; i < entry_count; i++)
        free(entries[i]);
    free(entries);
    free(cases);
    free(tests);
    return failed;
}

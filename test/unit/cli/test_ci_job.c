#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/ci_job.h"

static const char *const variables[] = {
    "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID",      "CI_JOB_URL",
    "BUILD_URL",         "GITHUB_SHA",        "CI_COMMIT_SHA",      "GIT_COMMIT",
    "GITHUB_HEAD_REF",   "GITHUB_REF_NAME",   "CI_COMMIT_REF_NAME", "GIT_BRANCH"};

static int forget_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    return 0;
}

static void outside_of_a_job_there_is_nothing(void **state)
{
    char url[CI_JOB_URL_BYTES];

    (void)state;
    assert_null(ci_job_url(url));
    assert_null(ci_job_commit());
    assert_null(ci_job_branch());
}

static void each_system_says_its_page(void **state)
{
    char url[CI_JOB_URL_BYTES];

    (void)state;
    setenv("BUILD_URL", "https://jenkins.example/job/7/", 1);
    assert_string_equal(ci_job_url(url), "https://jenkins.example/job/7/");
    setenv("CI_JOB_URL", "https://gitlab.example/jobs/7", 1);
    assert_string_equal(ci_job_url(url), "https://gitlab.example/jobs/7");
    setenv("GITHUB_SERVER_URL", "https://github.example", 1);
    setenv("GITHUB_REPOSITORY", "org/repo", 1);
    setenv("GITHUB_RUN_ID", "",
           1); /* as a job that hands it on has it where it is not set */
    assert_string_equal(ci_job_url(url), "https://gitlab.example/jobs/7");
    setenv("GITHUB_RUN_ID", "7", 1);
    assert_string_equal(ci_job_url(url),
                        "https://github.example/org/repo/actions/runs/7");
}

/* GitHub calls the branch of a pull request HEAD_REF, and its REF_NAME "5/merge". */
static void a_branch_is_that_of_the_pull_request(void **state)
{
    (void)state;
    setenv("GITHUB_REF_NAME", "5/merge", 1);
    setenv("GITHUB_HEAD_REF", "", 1);
    assert_string_equal(ci_job_branch(), "5/merge");
    setenv("GITHUB_HEAD_REF", "faster", 1);
    assert_string_equal(ci_job_branch(), "faster");
}

#define ALONE(test) cmocka_unit_test_setup(test, forget_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ALONE(outside_of_a_job_there_is_nothing),
        ALONE(each_system_says_its_page),
        ALONE(a_branch_is_that_of_the_pull_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

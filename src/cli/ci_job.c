#include "cli/ci_job.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"

static const char *first_of(const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = getenv(names[i]);

        if (text && *text)
            return text;
    }
    return NULL;
}

/* GitHub says its URL in parts. */
const char *ci_job_url(char url[static CI_JOB_URL_BYTES])
{
    static const char *const whole[] = {"CI_JOB_URL", "BUILD_URL"};
    const char *server = getenv("GITHUB_SERVER_URL");
    const char *repository = getenv("GITHUB_REPOSITORY");
    const char *run = getenv("GITHUB_RUN_ID");

    if (!server || !repository || !run || !*run)
        return first_of(whole, COUNT_OF(whole));
    (void)snprintf(url, CI_JOB_URL_BYTES, "%s/%s/actions/runs/%s", server, repository,
                   run);
    return url;
}

const char *ci_job_commit(void)
{
    static const char *const names[] = {"GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT"};

    return first_of(names, COUNT_OF(names));
}

const char *ci_job_branch(void)
{
    static const char *const names[] = {"GITHUB_HEAD_REF", "GITHUB_REF_NAME",
                                        "CI_COMMIT_REF_NAME", "GIT_BRANCH"};

    return first_of(names, COUNT_OF(names));
}

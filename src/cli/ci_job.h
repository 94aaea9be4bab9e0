/*
 * The CI job that throng runs in, as GitHub Actions, GitLab CI and Jenkins say it in their variables.
 */
#pragma once

#define CI_JOB_URL_BYTES 2048

/* The job's page, in url or borrowed from the environment; NULL: there is none. */
const char *ci_job_url(char url[static CI_JOB_URL_BYTES]);

/* The commit and its branch. Borrowed from the environment; NULL: nobody says it. */
const char *ci_job_commit(void);
const char *ci_job_branch(void);

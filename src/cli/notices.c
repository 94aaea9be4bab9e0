#include "cli/notices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/ci_job.h"
#include "cli/run_options.h"
#include "cli/stop_signals.h"
#include "output/annotations.h"
#include "output/markdown.h"
#include "output/webhooks.h"
#include "plan/plan.h"
#include "result/verdict.h"

#define LOG_MODULE "notices"
/* GitHub takes no more of a step. */
#define MAX_STEP_SUMMARY_BYTES ((size_t)1 << 20)
#define MAX_LINES_BYTES ((size_t)256 * 1024)
#define FAILURE "failure="
#define NOTIFY_TIMEOUT_NS (5 * NS_PER_S)

static void warn(void *ctx, const char *sentence)
{
    (void)ctx;
    log_warn("%s", sentence);
}

/* The URL of "[failure=]URL"; "": it tells nobody, as a variable that is not set does. */
static const char *url_of(const char *notify, bool *ret_only_failure)
{
    *ret_only_failure = strncmp(notify, FAILURE, strlen(FAILURE)) == 0;
    return *ret_only_failure ? notify + strlen(FAILURE) : notify;
}

bool notices_can_notify(const char *command, const char *notify)
{
    bool only_failure;
    const char *url = url_of(notify ? notify : "", &only_failure);
    const char *problem = *url ? webhook_url_problem(url) : NULL;

    if (problem)
        fprintf(stderr,
                "throng %s: --notify: %s; write one such as https://hooks.example/…\n",
                command, problem);
    return !problem;
}

/* Adds the one of --notify. Returns 0 or -ENOMEM. */
static int add_notified(struct notices *notices, struct plan_webhook *webhook)
{
    const char *url = url_of(notices->options->notify, &webhook->only_failure);
    const int r = secret_new(url, &notices->url);

    if (r < 0)
        return r;
    webhook_url_host(url, notices->host);
    webhook->url = notices->url;
    webhook->name = notices->host;
    webhook->format = PLAN_WEBHOOK_SLACK;
    webhook->timeout_ns = NOTIFY_TIMEOUT_NS;
    return 0;
}

static int open_webhooks(struct notices *notices)
{
    const struct plan_outputs *outputs = &notices->plan->outputs;
    const char *notify = notices->options->notify;
    size_t count = outputs->webhook_count;
    bool only_failure;
    int r = 0;

    notices->list = calloc(count + 1, sizeof(*notices->list));
    if (!notices->list)
        return -ENOMEM;
    if (count > 0)
        memcpy(notices->list, outputs->webhooks, count * sizeof(*notices->list));
    if (notify && *url_of(notify, &only_failure))
        r = add_notified(notices, &notices->list[count++]);
    if (r < 0 || count == 0)
        return r;
    return webhooks_new(notices->loop, notices->list, count, warn, NULL,
                        &notices->webhooks);
}

void notices_open(struct notices *notices, uv_loop_t *loop, const struct plan *plan,
                  const struct run_options *options)
{
    *notices = (struct notices){.options = options, .plan = plan, .loop = loop};
    if (open_webhooks(notices) < 0)
        log_warn("no webhook is told how the run ends: out of memory");
}

void notices_close(struct notices *notices)
{
    notices->webhooks = webhooks_free(notices->webhooks);
    notices->url = secret_free(notices->url);
    free(notices->list);
    notices->list = NULL;
}

bool notices_have_probe(const struct notices *notices)
{
    return notices->webhooks;
}

struct probe notices_probe(struct notices *notices)
{
    return webhooks_probe(notices->webhooks);
}

/* "" where it is not set. */
static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static bool is_github(const struct run_options *options)
{
    if (options->ci && strcmp(options->ci, "auto") != 0)
        return strcmp(options->ci, "github") == 0;
    return strcmp(environment("GITHUB_ACTIONS"), "true") == 0;
}

static void annotate(const json_t *summary)
{
    CLEANUP(buf_deinit) struct buf lines = BUF_INIT(MAX_LINES_BYTES);

    if (annotations_write(summary, &lines) < 0)
        return;
    (void)fputs(buf_str(&lines), stdout);
    (void)fflush(stdout);
}

static int append_to(const char *path, const struct buf *page)
{
    const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    size_t written = 0;
    int r = fd < 0 ? -errno : 0;

    while (r == 0 && written < page->len) {
        const ssize_t n = write(fd, page->bytes + written, page->len - written);

        if (n >= 0)
            written += (size_t)n;
        else if (errno != EINTR)
            r = -errno;
    }
    if (fd >= 0)
        (void)close(fd);
    return r;
}

/* The page of a job has room for what several steps append. */
static void append_step_summary(const json_t *summary, const char *results_path)
{
    CLEANUP(buf_deinit) struct buf page = BUF_INIT(MAX_STEP_SUMMARY_BYTES);
    const char *path = environment("GITHUB_STEP_SUMMARY");
    int r;

    if (!*path)
        return;
    (void)markdown_write(summary, results_path, &page);
    buf_append_char(&page, '\n');
    r = buf_error(&page);
    if (r >= 0)
        r = append_to(path, &page);
    if (r < 0)
        log_warn("the summary was not added to the page of the job (%s): %s", path,
                 strerror(-r));
}

static void write_messages(const struct notices *notices, const json_t *summary)
{
    char url[CI_JOB_URL_BYTES];

    if (!notices->webhooks)
        return;
    if (webhooks_write(notices->webhooks, summary, ci_job_url(url)) < 0)
        log_warn("no webhook is told how the run ended: out of memory");
}

void notices_tell(struct notices *notices, const json_t *summary,
                  const char *results_path)
{
    if (!summary)
        return;
    write_messages(notices, summary);
    if (!is_github(notices->options))
        return;
    annotate(summary);
    append_step_summary(summary, results_path);
}

/* What there is of a summary without a load. The caller's; NULL: no memory. */
static json_t *summary_of(const struct plan *plan, const char *run_id,
                          const struct verdicts *verdicts)
{
    json_t *list = json_array();
    json_t *summary =
        json_pack("{s:{s:s, s:s, s:i}, s:o}", "run", "id", run_id, "scenario", plan->name,
                  "exit_code", (int)verdicts_exit_code(verdicts), "verdicts", list);

    for (size_t i = 0; summary && i < verdicts->count; i++) {
        const enum exit_code code = verdicts->items[i].code;
        const char *meaning = exit_code_text((int)code);

        if (json_array_append_new(list,
                                  json_pack("{s:i, s:s, s:s}", "code", (int)code,
                                            "meaning", meaning ? meaning : "", "sentence",
                                            verdicts->items[i].sentence)) < 0)
            break;
    }
    return summary;
}

static void on_stop(void *ctx)
{
    const struct probe *probe = ctx;

    probe->hurry(probe->ctx);
}

/* Sends what was written, and waits. */
static void deliver(struct notices *notices)
{
    struct probe probe = webhooks_probe(notices->webhooks);
    struct stop_signals signals;

    stop_signals_init(&signals, notices->loop, on_stop, on_stop, &probe);
    probe.on_results(probe.ctx);
    while (probe.is_busy(probe.ctx))
        uv_run(notices->loop, UV_RUN_ONCE);
    stop_signals_close(&signals);
    while (stop_signals_are_open(&signals))
        uv_run(notices->loop, UV_RUN_ONCE);
}

void notices_tell_early(struct notices *notices, const char *run_id,
                        const struct verdicts *verdicts)
{
    json_t *summary = summary_of(notices->plan, run_id, verdicts);

    if (!summary)
        return;
    write_messages(notices, summary);
    if (is_github(notices->options))
        annotate(summary);
    if (notices->webhooks)
        deliver(notices);
    json_decref(summary);
}

bool notices_judge(const struct notices *notices, struct verdicts *verdicts)
{
    const size_t undelivered =
        notices->webhooks ? webhooks_undelivered(notices->webhooks) : 0;

    if (undelivered == 0 || !notices->options->strict_export)
        return false;
    verdicts_add(verdicts, EXIT_NOT_SAVED,
                 "%zu of the webhooks were not told how the run ended: see the warnings, "
                 "and outputs.webhooks.",
                 undelivered);
    return true;
}

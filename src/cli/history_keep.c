#include "cli/history_keep.h"

#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/secret.h"
#include "cli/ci_job.h"
#include "cli/run_options.h"
#include "cli/run_reference.h"
#include "plan/plan.h"
#include "result/history.h"
#include "result/verdict.h"

#define LOG_MODULE "history"
#define MAX_TEXT_BYTES ((size_t)64 * 1024)

DEFINE_CLEANUP(struct history, history_close)

static int add(const char *place, const char *folder, const char *environment,
               struct buf *ret_note, struct buf *reterr)
{
    CLEANUP(history_closep) struct history *history = NULL;
    char url[CI_JOB_URL_BYTES];
    const struct history_origin origin = {
        .environment = environment,
        .git_sha = ci_job_commit(),
        .git_branch = ci_job_branch(),
        .ci_url = ci_job_url(url),
    };
    struct run_files run = {0};
    bool added = false;
    int r = run_files_open("", folder, &run, reterr);

    if (r == 0)
        r = history_open(place, HISTORY_TO_WRITE, ret_note, reterr, &history);
    if (r == 0)
        r = history_add(history, &run, &origin, &added, reterr);
    run_files_close(&run);
    return r;
}

static void tell_failure(const char *place, const char *folder, const char *why,
                         bool is_strict, struct verdicts *verdicts)
{
    CLEANUP(buf_deinit) struct buf where = BUF_INIT(MAX_TEXT_BYTES);

    history_say_place(place, &where);
    log_warn("the run is not in the history %s: %s; its results are whole: add it later "
             "with `throng history import %s`",
             buf_str(&where), why, folder);
    if (is_strict)
        verdicts_add(verdicts, EXIT_NOT_SAVED,
                     "The run is not in the history %.100s: %.200s.", buf_str(&where),
                     why);
}

void history_keep(const struct run_options *options, const struct plan *plan,
                  const char *folder, struct verdicts *verdicts)
{
    CLEANUP(buf_deinit) struct buf note = BUF_INIT(MAX_TEXT_BYTES);
    CLEANUP(buf_deinit) struct buf why = BUF_INIT(MAX_TEXT_BYTES);
    const char *given =
        options->history ? options->history : secret_reveal(plan->outputs.history);
    struct run_places places;
    int r;

    if (plan->worker_count > 1 || run_places_init(&places, options->out, given) < 0 ||
        strcmp(places.history, "none") == 0)
        return;
    r = add(places.history, folder, options->environment, &note, &why);
    if (note.len > 0)
        log_warn("%s", buf_str(&note));
    if (r < 0)
        tell_failure(places.history, folder, why.len > 0 ? buf_str(&why) : strerror(-r),
                     options->strict_export, verdicts);
}

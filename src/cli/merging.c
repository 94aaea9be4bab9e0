#include "cli/merging.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/cpu_supply.h"
#include "cli/judgement.h"
#include "cli/kept_scenario.h"
#include "cli/version.h"
#include "measure/arm_view.h"
#include "measure/check.h"
#include "measure/recorder.h"
#include "measure/recorder_archive.h"
#include "measure/threshold.h"
#include "plan/load.h"
#include "plan/plan.h"
#include "result/ab_report.h"
#include "result/hlog.h"
#include "result/timeline.h"
#include "result/worker_points.h"

#define MAX_PATH_BYTES 4096
#define MAX_WHY_BYTES 4096
#define MAX_FILE_BYTES ((size_t)1 << 30)
/* The merged run began at this moment of a clock of its own. */
#define STARTED_NS NS_PER_S
/* Workers that began further apart than this did not make their loads together. */
#define SKEW_NS (2 * NS_PER_S)

static int refuse(const char *name, const char *why)
{
    fprintf(stderr, "throng merge: %s: %s\n", name, why);
    return -EINVAL;
}

static int read_bytes(const char *path, char **ret_bytes, size_t *ret_len)
{
    struct buf bytes = BUF_INIT(MAX_FILE_BYTES);
    const int r = run_files_read(path, &bytes);

    if (r == 0) {
        *ret_len = bytes.len;
        *ret_bytes = buf_take(&bytes);
    }
    buf_deinit(&bytes);
    return r;
}

/* Reads whose folder it is. */
static int read_worker(struct merging_worker *worker, const char *name)
{
    char path[MAX_PATH_BYTES];
    int r = run_files_path(&worker->files, WORKER_FILE, path, sizeof(path));

    if (r < 0)
        return refuse(name,
                      "there is no worker.bin: only folders of runs with --workers N "
                      "can be merged");
    r = read_bytes(path, &worker->bytes, &worker->len);
    if (r < 0)
        return refuse(path, strerror(-r));
    r = worker_file_head(worker->bytes, worker->len, &worker->head);
    if (r == -ENOMEM)
        return r;
    return r < 0 ? refuse(path, "it is damaged, or of another version of throng") : 0;
}

int merging_open(struct merging *merging, const char *results, const char *name)
{
    struct merging_worker *workers =
        reallocarray(merging->workers, merging->count + 1, sizeof(*workers));
    struct buf why = BUF_INIT(MAX_WHY_BYTES);
    int r;

    if (!workers)
        return -ENOMEM;
    merging->workers = workers;
    workers[merging->count] = (struct merging_worker){0};
    r = run_files_open(results, name, &workers[merging->count].files, &why);
    if (r == -EINVAL)
        fprintf(stderr, "throng merge: %s\n", buf_str(&why));
    buf_deinit(&why);
    if (r < 0)
        return r;
    merging->count++;
    return read_worker(&workers[merging->count - 1], name);
}

static int by_index(const void *a, const void *b)
{
    const struct merging_worker *one = a;
    const struct merging_worker *two = b;

    return (one->head.index > two->head.index) - (one->head.index < two->head.index);
}

/* What two folders must have alike. */
static int check_pair(const struct merging_worker *first,
                      const struct merging_worker *other)
{
    const char *a = run_files_id(&first->files);
    const char *b = run_files_id(&other->files);
    char why[MAX_WHY_BYTES];

    if (strcmp(first->head.fingerprint, other->head.fingerprint) != 0)
        (void)snprintf(why, sizeof(why),
                       "it is of another workload than %s: their fingerprints differ", a);
    else if (strcmp(first->head.version, other->head.version) != 0)
        (void)snprintf(why, sizeof(why), "it was made by throng %s, and %s by throng %s",
                       other->head.version, a, first->head.version);
    else if (first->head.of != other->head.of)
        (void)snprintf(why, sizeof(why),
                       "it is one of %" PRIu32 " workers, and %s one of %" PRIu32,
                       other->head.of, a, first->head.of);
    else if (first->head.index == other->head.index)
        (void)snprintf(why, sizeof(why), "it is worker %" PRIu32 ", as is %s",
                       other->head.index, a);
    else
        return 0;
    return refuse(b, why);
}

int merging_check(struct merging *merging)
{
    const struct merging_worker *workers = merging->workers;
    int r = 0;

    qsort(merging->workers, merging->count, sizeof(*workers), by_index);
    if (*workers[0].head.fingerprint == '\0')
        return refuse(
            run_files_id(&workers[0].files),
            "it has no fingerprint, so that nobody knows whether the others are "
            "of the same workload");
    if (strcmp(workers[0].head.version, throng_version()) != 0)
        return refuse(run_files_id(&workers[0].files),
                      "it was made by another version of throng; merge it with that one");
    for (size_t i = 1; i < merging->count; i++) {
        const int one = check_pair(&workers[i - 1], &workers[i]);

        r = one < 0 ? one : r;
    }
    return r;
}

/* The plan of the whole: all folders have the same scenario. */
static int load_plan(struct merging *merging)
{
    char path[MAX_PATH_BYTES];

    if (run_files_path(&merging->workers[0].files, "scenario.yaml", path, sizeof(path)) <
        0)
        return refuse(run_files_id(&merging->workers[0].files),
                      "there is no scenario.yaml in its folder");
    return kept_scenario_load(path, &merging->plan);
}

/* How long the longest of them took, and when the last one stopped to begin anything. */
static void find_span(const struct merging *merging, uint64_t *ret_lasted_ns,
                      uint64_t *ret_load_end_ns)
{
    *ret_lasted_ns = *ret_load_end_ns = 0;
    for (size_t i = 0; i < merging->count; i++) {
        const struct worker_head *head = &merging->workers[i].head;

        if (head->lasted_ns > *ret_lasted_ns)
            *ret_lasted_ns = head->lasted_ns;
        if (head->load_end_ns > *ret_load_end_ns)
            *ret_load_end_ns = head->load_end_ns;
    }
}

static int open_all(struct merging *merging)
{
    struct recorder_options options = {
        .plan = merging->plan, .started_ns = STARTED_NS, .interval_ns = NS_PER_S};
    int r;

    plan_window(merging->plan, &options.window_start_ns, &options.window_end_ns);
    options.window_start_ns += STARTED_NS;
    options.window_end_ns += STARTED_NS;
    r = recorder_archive_new(&options, &merging->recorder);
    if (r == 0)
        r = timeline_new(merging->plan, STARTED_NS, &merging->timeline);
    if (r == 0)
        r = hlog_new(merging->loop, merging->plan, STARTED_NS, &merging->hlog);
    if (r == 0)
        r = merged_points_new(timeline_view(merging->timeline).step_ns, &merging->points);
    merging->notes = calloc(merging->count, sizeof(*merging->notes));
    merging->judgements =
        calloc(merging->plan->threshold_count + 1, sizeof(*merging->judgements));
    merging->cpu_loss = calloc(1, sizeof(*merging->cpu_loss));
    if (r == 0)
        r = merged_notes_take(merging->workers, merging->count, STARTED_NS,
                              &merging->done);
    if (r == 0) {
        merged_notes_pause(merging->workers, merging->count, STARTED_NS,
                           merging->recorder);
        timeline_heed(merging->timeline, &recorder_options(merging->recorder)->pauses);
    }
    return r == 0 && (!merging->notes || !merging->judgements || !merging->cpu_loss)
               ? -ENOMEM
               : r;
}

static int add_workers(struct merging *merging, uint64_t now_ns)
{
    for (size_t i = 0; i < merging->count; i++) {
        const struct merging_worker *worker = &merging->workers[i];
        const int r = worker_file_add(worker->bytes, worker->len, merging->recorder,
                                      now_ns, merging->points, &merging->totals);

        if (r == -EBADMSG)
            return refuse(run_files_id(&worker->files),
                          "its worker.bin is damaged, or does not fit its scenario.yaml");
        if (r < 0)
            return r;
        merging->notes[i] =
            (struct worker_note){.index = worker->head.index,
                                 .started_wall_ns = worker->head.started_wall_ns,
                                 .version = worker->head.version};
    }
    return 0;
}

/* The hlog encodes on the threadpool, an interval at a time. */
static void on_point(void *ctx, const struct interval_view *interval)
{
    const struct merging *merging = ctx;

    timeline_add(merging->timeline, interval);
    hlog_add(merging->hlog, interval);
    while (hlog_is_busy(merging->hlog))
        uv_run(merging->loop, UV_RUN_ONCE);
}

static bool is_normal_end(enum stop_reason reason)
{
    return reason == STOP_COMPLETED || reason == STOP_DURATION ||
           reason == STOP_REQUESTS || reason == STOP_ASKED;
}

/* Why the run ended: the first reason that is no normal end. */
static enum stop_reason reason_of(const struct merging *merging)
{
    for (size_t i = 0; i < merging->count; i++)
        if (!is_normal_end(merging->workers[i].head.stop_reason))
            return merging->workers[i].head.stop_reason;
    return merging->workers[0].head.stop_reason;
}

static struct run_view view_of(const struct merging *merging, uint64_t now_ns,
                               uint64_t load_end_ns)
{
    const struct worker_totals *totals = &merging->totals;

    return (struct run_view){
        .plan = merging->plan,
        .recorder = merging->recorder,
        .state = RUN_DONE,
        .phase = "",
        .started_ns = STARTED_NS,
        .now_ns = now_ns,
        .load_end_ns = load_end_ns,
        .elapsed_ns = pauses_load_ns(&recorder_options(merging->recorder)->pauses,
                                     STARTED_NS, load_end_ns),
        .is_open = plan_is_open(merging->plan),
        .arrivals = {.count = totals->arrivals,
                     .taken = totals->taken,
                     .dropped = totals->dropped,
                     .people = totals->people},
        .spent_pusd = totals->spent_pusd,
        .reserved_pusd = totals->reserved_pusd,
        .limit_attempts = totals->limit_attempts,
        .limit_failed = totals->limit_failed,
        .unset_uses = totals->unset_uses,
        .unset_name = totals->unset_name,
        .setups_failed = totals->setups_failed,
        .users_retired = totals->users_retired,
        .circuits = totals->circuits,
        .circuit_count = totals->circuit_count,
        .trust = &merging->trust,
    };
}

/* The merged run is no more to be trusted than any of its workers. */
static void judge_trust(struct merging *merging)
{
    struct trust_inputs inputs = {
        .is_over = true,
        .elapsed_ns = merging->view.now_ns - STARTED_NS,
        .load_end_ns = merging->view.load_end_ns,
        .samples_dropped = merging->totals.samples_dropped,
        .broken_checks =
            check_recorder(merging->recorder, merging->view.now_ns, NULL, NULL),
    };

    trust_of(merging->recorder, &inputs, &merging->trust);
    for (size_t i = 0; i < merging->count; i++) {
        const struct worker_head *head = &merging->workers[i].head;

        if (head->trust.grade <= merging->trust.grade)
            continue;
        merging->trust = head->trust;
        for (size_t j = 0; j < merging->trust.reason_count; j++)
            (void)snprintf(merging->trust.reasons[j].sentence,
                           sizeof(merging->trust.reasons[j].sentence),
                           "Worker %" PRIu32 ": %.290s", head->index,
                           head->trust.reasons[j].sentence);
    }
}

static void judge_missing(const struct merging *merging, struct verdicts *verdicts)
{
    const uint32_t of = merging->workers[0].head.of;
    struct buf missing = BUF_INIT(MAX_WHY_BYTES);
    size_t at = 0;

    if (merging->count == of)
        return;
    for (uint32_t index = 0; index < of; index++) {
        if (at < merging->count && merging->workers[at].head.index == index)
            at++;
        else
            buf_printf(&missing, "%s%" PRIu32, missing.len > 0 ? ", " : "", index);
    }
    verdicts_add(verdicts, EXIT_FLEET,
                 "PARTIAL %zu/%" PRIu32 ": the results of worker %.200s are missing; all "
                 "figures are those of the others.",
                 merging->count, of, buf_str(&missing));
    buf_deinit(&missing);
}

/* What was said against a worker, but for what is judged anew. */
static void judge_worker(const struct worker_head *head, struct verdicts *verdicts)
{
    if (!head->is_over)
        verdicts_add(verdicts, EXIT_FLEET,
                     "Worker %" PRIu32 " was killed: of it there is what it had measured "
                     "%.1f s after its start.",
                     head->index, (double)head->lasted_ns / (double)NS_PER_S);
    for (size_t i = 0; i < head->verdicts.count; i++) {
        const struct verdict *verdict = &head->verdicts.items[i];

        if (verdict->code == EXIT_PASSED || verdict->code == EXIT_THRESHOLDS ||
            verdict->code == EXIT_REGRESSION || verdict->code == EXIT_UNTRUSTED ||
            (verdict->code == EXIT_SIGNAL && !head->is_over))
            continue;
        verdicts_add(verdicts, verdict->code, "Worker %" PRIu32 ": %.380s", head->index,
                     verdict->sentence);
    }
}

static void judge_skew(const struct merging *merging, struct verdicts *verdicts)
{
    uint64_t first_ns = UINT64_MAX;
    uint64_t last_ns = 0;

    for (size_t i = 0; i < merging->count; i++) {
        const uint64_t started_ns = merging->workers[i].head.started_wall_ns;

        first_ns = started_ns < first_ns ? started_ns : first_ns;
        last_ns = started_ns > last_ns ? started_ns : last_ns;
    }
    if (last_ns - first_ns > SKEW_NS)
        verdicts_add(verdicts, EXIT_PASSED,
                     "The workers began %.1f s apart: their loads did not rise together, "
                     "and the timeline counts from the start of each.",
                     (double)(last_ns - first_ns) / (double)NS_PER_S);
}

static void judge(struct merging *merging, const struct run_facts *facts,
                  struct verdicts *verdicts)
{
    const struct plan *plan = merging->plan;

    for (size_t i = 0; i < plan->threshold_count; i++)
        merging->judgements[i] =
            threshold_judge(&plan->thresholds[i], merging->recorder,
                            merging->view.load_end_ns, &merging->trust);
    judge_missing(merging, verdicts);
    for (size_t i = 0; i < merging->count; i++)
        judge_worker(&merging->workers[i].head, verdicts);
    judge_skew(merging, verdicts);
    /* How each worker stopped it has told itself. */
    merging->view.stop_reason = STOP_COMPLETED;
    judgement_of_run(facts, 0, TRUST_F, verdicts);
    merging->view.stop_reason = reason_of(merging);
}

static struct run_facts facts_of(struct merging *merging, const struct verdicts *verdicts)
{
    const struct worker_totals *totals = &merging->totals;
    const struct worker_head *first = &merging->workers[0].head;
    const struct recorder_options *options = recorder_options(merging->recorder);
    struct run_facts facts = {
        .run_id = merging->run_id,
        .version = throng_version(),
        .scenario_path = first->scenario_path,
        .fingerprint = first->fingerprint,
        .started_wall_ns = first->started_wall_ns,
        .window_start_ns = options->window_start_ns,
        .window_end_ns = options->window_end_ns,
        .view = &merging->view,
        .verdicts = verdicts,
        .failure_examples = totals->examples,
        .thresholds = merging->judgements,
        .timeline = timeline_view(merging->timeline),
        .workers = merging->notes,
        .worker_count = merging->count,
        .worker_total = first->of,
        .roster = &totals->names.roster,
        .marks = merging->done.marks,
        .mark_count = merging->done.mark_count,
        .reloads = merging->done.reloads,
        .reload_count = merging->done.reload_count,
        .trust = &merging->trust,
        .ab = merging->ab,
        .hlog = merging->hlog,
        .insecure = totals->insecure > 0,
        .rows_skipped = totals->rows_skipped,
        .replay = totals->replay,
        .cpu_loss = merging->cpu_loss,
        .cpu_user_s = totals->cpu_user_s,
        .cpu_system_s = totals->cpu_system_s,
        .max_rss_bytes = totals->max_rss_bytes,
        .connections_opened = totals->connections_opened,
        .connections_peak = totals->connections_peak,
        .reads = totals->reads,
        .unstamped_reads = totals->unstamped_reads,
        .clock_steps = totals->clock_steps,
        .samples_dropped = totals->samples_dropped,
    };

    if (totals->replay_format && *totals->replay_format)
        facts.replay.format = totals->replay_format;
    for (size_t i = 0; i < merging->count; i++) {
        const struct worker_head *head = &merging->workers[i].head;

        if (head->started_wall_ns < facts.started_wall_ns)
            facts.started_wall_ns = head->started_wall_ns;
        if (head->ended_wall_ns > facts.ended_wall_ns)
            facts.ended_wall_ns = head->ended_wall_ns;
    }
    *merging->cpu_loss =
        (struct cpu_loss){.throttled_known = totals->throttled_known == merging->count,
                          .throttled_ns = totals->throttled_ns,
                          .wait_known = totals->wait_known == merging->count,
                          .wait_ns = totals->wait_ns};
    return facts;
}

int merging_add(struct merging *merging, struct verdicts *verdicts,
                struct run_facts *ret_facts)
{
    uint64_t lasted_ns = 0;
    uint64_t load_end_ns = 0;
    int r = load_plan(merging);

    if (r == 0)
        r = open_all(merging);
    find_span(merging, &lasted_ns, &load_end_ns);
    if (r == 0)
        r = add_workers(merging, STARTED_NS + lasted_ns);
    if (r < 0)
        return r;
    merged_points_each(merging->points, STARTED_NS, on_point, merging);
    timeline_end(merging->timeline);
    recorder_end_arms(merging->recorder, STARTED_NS + load_end_ns);
    merging->view = view_of(merging, STARTED_NS + lasted_ns, STARTED_NS + load_end_ns);
    judge_trust(merging);
    r = ab_report_new(merging->recorder, merging->plan, &merging->ab);
    if (r < 0)
        return r;
    *ret_facts = facts_of(merging, verdicts);
    judge(merging, ret_facts, verdicts);
    return 0;
}

void merging_deinit(struct merging *merging)
{
    for (size_t i = 0; i < merging->count; i++) {
        run_files_close(&merging->workers[i].files);
        free(merging->workers[i].bytes);
        worker_head_deinit(&merging->workers[i].head);
    }
    free(merging->workers);
    recorder_free(merging->recorder);
    (void)timeline_free(merging->timeline);
    hlog_free(merging->hlog);
    merged_points_free(merging->points);
    worker_totals_deinit(&merging->totals);
    ab_report_free(merging->ab);
    free(merging->notes);
    merged_notes_deinit(&merging->done);
    free(merging->judgements);
    free(merging->cpu_loss);
    free(merging->run_id);
    plan_free(merging->plan);
}

#include "result/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/cpu_supply.h"
#include "measure/recorder_copy.h"
#include "measure/threshold.h"
#include "measure/trust.h"
#include "plan/plan.h"
#include "result/folder.h"
#include "result/summary.h"
#include "result/worker_file.h"

/* Of the copy in one turn of the loop: some 0.05 ms. */
#define SLICE_BYTES ((size_t)256 * 1024)
#define SLICE_EVERY_MS 1
#define MAX_DOCUMENT_BYTES ((size_t)256 << 20)

enum checkpoint_state {
    CHECKPOINT_WAITING,
    CHECKPOINT_COPYING,
    CHECKPOINT_WRITING, /* all that `job` holds is the pool's */
};

/* The run so far, in memory of its own. */
struct job {
    uv_work_t work;
    struct run_facts facts;
    struct run_view view;
    struct trust trust;
    struct cpu_loss cpu_loss;
    struct verdicts verdicts;
    struct failure_example examples[OUTCOME_COUNT];
    struct threshold_judgement *thresholds;
    struct circuit_view *circuits; /* owned: as many as targets */
    int error;                     /* what came of it */
};

struct checkpoint {
    struct checkpoint_options options;
    struct recorder_copy *copy;
    enum checkpoint_state state;
    uint64_t due_ns; /* monotonic; 0: not known yet */
    bool closing;
    bool closed; /* the timer is */
    bool has_timer;
    uv_timer_t slices;
    struct job job;
    uint64_t count;
    int error;
};

DEFINE_CLEANUP(struct checkpoint, checkpoint_free)

int checkpoint_new(const struct checkpoint_options *options,
                   struct checkpoint **ret_checkpoint)
{
    CLEANUP(checkpoint_freep)
    struct checkpoint *checkpoint = calloc(1, sizeof(*checkpoint));

    if (!checkpoint)
        return -ENOMEM;
    checkpoint->options = *options;
    checkpoint->job.circuits =
        calloc(options->plan->target_count + 1, sizeof(*checkpoint->job.circuits));
    if (!checkpoint->job.circuits ||
        recorder_copy_new(options->recorder, &checkpoint->copy) < 0)
        return -ENOMEM;
    *ret_checkpoint = TAKE(checkpoint);
    return 0;
}

struct checkpoint *checkpoint_free(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return NULL;
    assert(!checkpoint->has_timer || checkpoint_is_closed(checkpoint));
    recorder_copy_free(checkpoint->copy);
    free(checkpoint->job.thresholds);
    free(checkpoint->job.circuits);
    free(checkpoint);
    return NULL;
}

static int build_text(struct job *job, struct buf *text)
{
    json_t *summary = NULL;
    int r = summary_build(&job->facts, &summary);

    if (r >= 0)
        r = summary_write(summary, text);
    json_decref(summary);
    return r;
}

/* What throng merge reads, of the same moment. */
static int write_worker(const struct checkpoint *checkpoint, struct buf *bytes)
{
    int r;

    buf_clear(bytes);
    r = worker_file_write(&checkpoint->job.facts, bytes);
    return r < 0 ? r
                 : result_folder_write(checkpoint->options.folder, WORKER_FILE,
                                       bytes->bytes, bytes->len);
}

/* On the pool. */
static void write_checkpoint(uv_work_t *work)
{
    struct checkpoint *checkpoint = work->data;
    struct job *job = &checkpoint->job;
    const struct plan *plan = job->view.plan;
    struct buf text = BUF_INIT(MAX_DOCUMENT_BYTES);

    for (size_t i = 0; i < plan->threshold_count; i++)
        job->thresholds[i] = threshold_judge(&plan->thresholds[i], job->view.recorder,
                                             job->view.load_end_ns, &job->trust);
    job->verdicts = (struct verdicts){0};
    checkpoint->options.judge(&job->facts, &job->verdicts);
    job->error = build_text(job, &text);
    if (job->error >= 0)
        job->error = result_folder_write(checkpoint->options.folder, "checkpoint.json",
                                         text.bytes, text.len);
    if (job->error >= 0 && plan->worker_count > 1)
        job->error = write_worker(checkpoint, &text);
    buf_deinit(&text);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct checkpoint *checkpoint = handle->data;

    checkpoint->closed = true;
}

static void on_written(uv_work_t *work, int status)
{
    struct checkpoint *checkpoint = work->data;

    (void)status; /* nobody cancels it */
    checkpoint->state = CHECKPOINT_WAITING;
    checkpoint->error = checkpoint->job.error;
    checkpoint->count += checkpoint->error >= 0;
}

/* Makes all that may change the job's own. Returns 0 or -ENOMEM. */
static int gather(struct checkpoint *checkpoint)
{
    struct job *job = &checkpoint->job;
    struct threshold_judgement *thresholds;

    job->facts = checkpoint->options.gather(checkpoint->options.ctx);
    job->view = *job->facts.view;
    /* A run may go on with another plan. */
    thresholds = reallocarray(job->thresholds, job->view.plan->threshold_count + 1,
                              sizeof(*thresholds));
    if (!thresholds)
        return -ENOMEM;
    job->thresholds = thresholds;
    job->view.recorder = recorder_copy_view(checkpoint->copy);
    job->view.trust = &job->trust;
    memcpy(job->examples, job->facts.failure_examples, sizeof(job->examples));
    job->trust = *job->facts.trust;
    if (job->facts.cpu_loss) {
        job->cpu_loss = *job->facts.cpu_loss;
        job->facts.cpu_loss = &job->cpu_loss;
    }
    for (size_t i = 0; i < job->view.circuit_count; i++)
        job->circuits[i] = job->view.circuits[i];
    job->view.circuits = job->circuits;
    job->facts.view = &job->view;
    job->facts.failure_examples = job->examples;
    job->facts.thresholds = job->thresholds;
    job->facts.trust = &job->trust;
    job->facts.verdicts = &job->verdicts;
    job->facts.hlog = NULL;
    return 0;
}

static void on_slice(uv_timer_t *timer)
{
    struct checkpoint *checkpoint = timer->data;
    int r = recorder_copy_step(checkpoint->copy, SLICE_BYTES);

    if (r == 0)
        return;
    uv_timer_stop(timer);
    checkpoint->state = CHECKPOINT_WAITING;
    if (r > 0)
        r = gather(checkpoint);
    if (r < 0) {
        checkpoint->error = r;
        return;
    }
    checkpoint->job.work.data = checkpoint;
    if (uv_queue_work(checkpoint->options.loop, &checkpoint->job.work, write_checkpoint,
                      on_written) == 0)
        checkpoint->state = CHECKPOINT_WRITING;
}

void checkpoint_tick(struct checkpoint *checkpoint, uint64_t now_ns)
{
    if (!checkpoint->has_timer) {
        uv_timer_init(checkpoint->options.loop, &checkpoint->slices);
        checkpoint->slices.data = checkpoint;
        checkpoint->has_timer = true;
        checkpoint->due_ns = now_ns + CHECKPOINT_FIRST_NS;
    }
    if (now_ns < checkpoint->due_ns || checkpoint->state != CHECKPOINT_WAITING ||
        checkpoint->closing)
        return;
    checkpoint->due_ns = now_ns + CHECKPOINT_NS;
    checkpoint->state = CHECKPOINT_COPYING;
    uv_timer_start(&checkpoint->slices, on_slice, SLICE_EVERY_MS, SLICE_EVERY_MS);
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint || checkpoint->closing)
        return;
    checkpoint->closing = true;
    if (checkpoint->state == CHECKPOINT_COPYING)
        checkpoint->state = CHECKPOINT_WAITING;
    if (checkpoint->has_timer)
        uv_close((uv_handle_t *)&checkpoint->slices, on_timer_closed);
    else
        checkpoint->closed = true;
}

bool checkpoint_is_closed(const struct checkpoint *checkpoint)
{
    return !checkpoint || (checkpoint->closed && checkpoint->state != CHECKPOINT_WRITING);
}

int checkpoint_error(const struct checkpoint *checkpoint)
{
    return checkpoint->error;
}

uint64_t checkpoint_count(const struct checkpoint *checkpoint)
{
    return checkpoint->count;
}

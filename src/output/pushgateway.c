#include "output/pushgateway.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/run_view.h"
#include "output/family_result.h"
#include "output/push_call.h"
#include "output/push_path.h"
#include "plan/plan.h"
#include "result/facts.h"

#define MAX_TEXT_BYTES ((size_t)16 << 20)
#define MAX_URL_BYTES ((size_t)8192)
#define MAX_SENTENCE_BYTES ((size_t)800)
/* Scrapes that Prometheus gets to read the last push. */
#define SCRAPES_LEFT 2

/*
 *   IDLE ◀──▶ PUSHING              while the run goes on
 *    ├──────▶ LAST ──▶ IDLE        its last figures
 *    ├──────▶ RESULT ─┐            what came out, once people have their results
 *    └────────────────┴▶ LINGERING ──▶ DELETING ──▶ IDLE
 */
enum push_state {
    PUSH_STATE_IDLE,
    PUSH_STATE_PUSHING,
    PUSH_STATE_LAST,
    PUSH_STATE_RESULT,
    PUSH_STATE_LINGERING,
    PUSH_STATE_DELETING,
};

struct pushgateway {
    struct pushgateway_options options;
    uv_loop_t *loop;
    uv_timer_t linger;
    struct exposition *exposition;
    struct buf url;        /* of the group */
    struct buf result_url; /* of the group that the scenario's last result is in */
    enum push_state state;
    uint64_t next_ns; /* when the next push is due */
    struct run_view last_view;
    uint64_t give_up_ns; /* when the last push has to be through */
    bool is_last_due;    /* it waits for the one before it, which is being cut short */
    bool is_last_pushed;
    bool is_failing; /* it was told that pushes fail */
    bool is_hurried;
    const struct run_facts *facts; /* from the end on */
    struct push_counts counts;

    /* The job's, while it is under way: */
    uv_work_t work;
    struct push_call call;
    struct buf text;
    atomic_bool cancelled;
    struct push_outcome outcome; /* afterwards: of the last job */
};

DEFINE_CLEANUP(struct pushgateway, pushgateway_close)

/* Returns 0 or -ENOMEM. */
static int write_body(struct pushgateway *gateway)
{
    int r = 0;

    if (gateway->state == PUSH_STATE_DELETING)
        return 0;
    if (gateway->state != PUSH_STATE_RESULT) { /* whose text is there already */
        buf_clear(&gateway->text);
        r = exposition_write(gateway->exposition, false, &gateway->text);
    }
    gateway->call.body = buf_str(&gateway->text);
    gateway->call.body_len = gateway->text.len;
    return r;
}

static void on_pool(uv_work_t *work)
{
    struct pushgateway *gateway = work->data;

    if (write_body(gateway) < 0) {
        gateway->outcome =
            (struct push_outcome){.end = PUSH_UNREACHABLE, .problem = "out of memory"};
        return;
    }
    push_call_perform(&gateway->call, &gateway->outcome);
}

/* Says it once when pushes begin to fail, and once when they go through again. */
static void tell(struct pushgateway *gateway)
{
    const struct plan_pushgateway *plan = gateway->options.plan;
    const bool fails = gateway->outcome.end != PUSH_OK;
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    if (fails == gateway->is_failing)
        return;
    gateway->is_failing = fails;
    if (fails)
        buf_printf(&sentence, "%s does not take the figures: %s; the run goes on",
                   plan->url, gateway->outcome.problem);
    else
        buf_printf(&sentence, "%s takes figures again, after %llu pushes that it did not",
                   plan->url, (unsigned long long)gateway->counts.failed);
    gateway->options.tell(gateway->options.ctx, buf_str(&sentence));
}

/* With the results on the screen: it changes nothing but what stays behind. */
static void tell_of_deletion(struct pushgateway *gateway)
{
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    if (gateway->outcome.end == PUSH_OK)
        return;
    buf_printf(&sentence, "%s was to delete the figures of this run: %s; they may stay",
               gateway->options.plan->url,
               gateway->outcome.end == PUSH_CANCELLED ? "a signal cut it short"
                                                      : gateway->outcome.problem);
    gateway->options.tell(gateway->options.ctx, buf_str(&sentence));
}

/* Likewise; what is failing was told of already. */
static void tell_of_result(struct pushgateway *gateway)
{
    CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

    if (gateway->outcome.end == PUSH_OK || gateway->is_failing)
        return;
    buf_printf(&sentence,
               "%s does not take the result of the run: %s; who watches the last result "
               "of the scenario does not see it",
               gateway->options.plan->url,
               gateway->outcome.end == PUSH_CANCELLED ? "a signal cut it short"
                                                      : gateway->outcome.problem);
    gateway->options.tell(gateway->options.ctx, buf_str(&sentence));
}

static void count(struct pushgateway *gateway)
{
    switch (gateway->outcome.end) {
    case PUSH_OK:
        gateway->counts.ok++;
        break;
    case PUSH_REFUSED:
    case PUSH_UNREACHABLE:
        gateway->counts.failed++;
        break;
    case PUSH_CANCELLED:
        gateway->counts.skipped++;
        return; /* nothing is known of the gateway */
    }
    tell(gateway);
}

static void on_ended(uv_work_t *work, int status);

static void begin(struct pushgateway *gateway, enum push_state state, uint64_t timeout_ns)
{
    int r;

    gateway->state = state;
    gateway->call = (struct push_call){
        .plan = gateway->options.plan,
        .method = state == PUSH_STATE_DELETING ? "DELETE" : "PUT",
        .url = buf_str(state == PUSH_STATE_RESULT ? &gateway->result_url : &gateway->url),
        .timeout_ns = timeout_ns,
        .cancelled = &gateway->cancelled,
    };
    atomic_store(&gateway->cancelled, false);
    gateway->work.data = gateway;
    r = uv_queue_work(gateway->loop, &gateway->work, on_pool, on_ended);
    assert(r == 0); /* it fails only without a function */
    (void)r;
}

/* The last figures have what is left of the time that the end may take. */
static void begin_last(struct pushgateway *gateway)
{
    const uint64_t now_ns = clock_mono_ns();

    gateway->is_last_due = false;
    if (now_ns < gateway->give_up_ns &&
        exposition_take(gateway->exposition, &gateway->last_view) == 0)
        begin(gateway, PUSH_STATE_LAST, gateway->give_up_ns - now_ns);
    else
        gateway->counts.skipped++;
}

static void linger(struct pushgateway *gateway);

static void on_ended(uv_work_t *work, int status)
{
    struct pushgateway *gateway = work->data;
    const enum push_state ended = gateway->state;

    (void)status; /* nobody takes it out of the queue */
    gateway->state = PUSH_STATE_IDLE;
    if (ended == PUSH_STATE_DELETING)
        tell_of_deletion(gateway);
    else if (ended == PUSH_STATE_RESULT)
        tell_of_result(gateway);
    else
        count(gateway);
    if (ended == PUSH_STATE_LAST)
        gateway->is_last_pushed = gateway->outcome.end == PUSH_OK;
    if (gateway->is_last_due)
        begin_last(gateway);
    if (ended == PUSH_STATE_RESULT)
        linger(gateway);
}

/* --- As a probe. --- */

static void push(struct pushgateway *gateway, const struct run_view *view)
{
    const uint64_t interval_ns = gateway->options.plan->interval_ns;

    /* Ticks come a little late, which must not add up. */
    gateway->next_ns += interval_ns;
    if (gateway->next_ns <= view->now_ns)
        gateway->next_ns = view->now_ns + interval_ns;
    if (gateway->state != PUSH_STATE_IDLE ||
        exposition_take(gateway->exposition, view) < 0)
        gateway->counts.skipped++;
    else
        begin(gateway, PUSH_STATE_PUSHING, gateway->options.plan->timeout_ns);
}

static void on_start(void *ctx, const struct run_view *view)
{
    push(ctx, view);
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    struct pushgateway *gateway = ctx;

    exposition_add(gateway->exposition, interval);
    if (view->now_ns >= gateway->next_ns && view->state != RUN_DONE)
        push(gateway, view);
}

/* A push that is under way is cut short: the last one replaces its figures. */
static void on_end(void *ctx, const struct run_facts *facts)
{
    struct pushgateway *gateway = ctx;

    gateway->facts = facts;
    gateway->last_view = *facts->view;
    gateway->last_view.trust = facts->trust;
    gateway->give_up_ns = clock_mono_ns() + gateway->options.plan->timeout_ns;
    gateway->is_last_due = true;
    if (gateway->state == PUSH_STATE_IDLE)
        begin_last(gateway);
    else
        atomic_store(&gateway->cancelled, true);
}

static bool is_busy(const void *ctx)
{
    const struct pushgateway *gateway = ctx;

    return gateway->state != PUSH_STATE_IDLE;
}

static void judge(void *ctx, struct verdicts *verdicts)
{
    const struct pushgateway *gateway = ctx;

    if (gateway->options.strict && !gateway->is_last_pushed)
        verdicts_add(verdicts, EXIT_NOT_SAVED, "%s did not take the last figures: %s.",
                     gateway->options.plan->url,
                     *gateway->outcome.problem ? gateway->outcome.problem
                                               : "there was no time left");
}

static void on_lingered(uv_timer_t *timer)
{
    struct pushgateway *gateway = timer->data;

    begin(gateway, PUSH_STATE_DELETING, gateway->options.plan->timeout_ns);
}

/* Until Prometheus has read the last push; not where somebody waits. */
static void linger(struct pushgateway *gateway)
{
    const struct plan_pushgateway *plan = gateway->options.plan;
    const uint64_t lingering_ns =
        gateway->is_hurried ? 0 : SCRAPES_LEFT * plan->scrape_interval_ns;

    if (!plan->delete_at_end || gateway->counts.ok == 0)
        return;
    gateway->state = PUSH_STATE_LINGERING;
    uv_timer_start(&gateway->linger, on_lingered, lingering_ns / NS_PER_MS, 0);
}

/* What one of several workers saw is no result, and a search for the capacity is not one of its load. */
static bool has_result(const struct pushgateway *gateway)
{
    return gateway->options.plan->last_result && !gateway->facts->capacity &&
           gateway->options.exposition.plan->worker_count == 1;
}

static void on_results(void *ctx)
{
    struct pushgateway *gateway = ctx;

    buf_clear(&gateway->text);
    if (has_result(gateway) && family_result_write(gateway->facts, &gateway->text) == 0)
        begin(gateway, PUSH_STATE_RESULT, gateway->options.plan->timeout_ns);
    else
        linger(gateway);
}

static void hurry(void *ctx)
{
    struct pushgateway *gateway = ctx;

    gateway->is_hurried = true;
    if (gateway->state == PUSH_STATE_LINGERING) {
        uv_timer_stop(&gateway->linger);
        on_lingered(&gateway->linger);
    } else {
        atomic_store(&gateway->cancelled, true);
    }
}

struct probe pushgateway_probe(struct pushgateway *gateway)
{
    return (struct probe){.name = "pushgateway",
                          .ctx = gateway,
                          .on_start = on_start,
                          .on_tick = on_tick,
                          .on_end = on_end,
                          .is_busy = is_busy,
                          .judge = judge,
                          .on_results = on_results,
                          .hurry = hurry};
}

const struct push_counts *pushgateway_counts(const struct pushgateway *gateway)
{
    return &gateway->counts;
}

/* --- Its life. --- */

static void on_closed(uv_handle_t *handle)
{
    struct pushgateway *gateway = handle->data;

    exposition_free(gateway->exposition);
    buf_deinit(&gateway->url);
    buf_deinit(&gateway->result_url);
    buf_deinit(&gateway->text);
    free(gateway);
}

struct pushgateway *pushgateway_close(struct pushgateway *gateway)
{
    if (!gateway)
        return NULL;
    assert(gateway->state == PUSH_STATE_IDLE);
    uv_close((uv_handle_t *)&gateway->linger, on_closed);
    return NULL;
}

static int append_result_url(const struct pushgateway_options *options, struct buf *out)
{
    CLEANUP(buf_deinit) struct buf job = BUF_INIT(MAX_URL_BYTES);
    int r = buf_printf(&job, "%s_result", options->plan->job);
    const struct push_label labels[] = {{"job", buf_str(&job)},
                                        {"scenario", options->exposition.plan->name}};

    buf_append_str(out, options->plan->url);
    return r < 0 ? r : push_path_append(out, labels, COUNT_OF(labels));
}

int pushgateway_new(uv_loop_t *loop, const struct pushgateway_options *options,
                    struct pushgateway **ret_gateway)
{
    const struct push_label labels[] = {
        {"job", options->plan->job},
        {"test_run", options->exposition.test_run},
        {"worker_pod", options->exposition.worker_pod},
    };
    CLEANUP(pushgateway_closep) struct pushgateway *gateway = NULL;
    struct pushgateway *made = malloc(sizeof(*made));
    int r;

    if (!made)
        return -ENOMEM;
    *made = (struct pushgateway){
        .options = *options,
        .loop = loop,
        .url = BUF_INIT(MAX_URL_BYTES),
        .result_url = BUF_INIT(MAX_URL_BYTES),
        .text = BUF_INIT(MAX_TEXT_BYTES),
    };
    uv_timer_init(loop, &made->linger); /* from here on it is closed by the loop */
    made->linger.data = made;
    gateway = made;
    r = exposition_new(&options->exposition, &gateway->exposition);
    if (r == 0)
        exposition_set_pushes(gateway->exposition, &gateway->counts);
    buf_append_str(&gateway->url, options->plan->url);
    if (r == 0)
        r = push_path_append(&gateway->url, labels, COUNT_OF(labels));
    if (r == 0)
        r = append_result_url(options, &gateway->result_url);
    if (r < 0)
        return r;
    *ret_gateway = TAKE(gateway);
    return 0;
}

void pushgateway_check(const struct plan_pushgateway *plan, struct verdicts *verdicts)
{
    CLEANUP(buf_deinit) struct buf url = BUF_INIT(MAX_URL_BYTES);
    struct push_outcome outcome;

    buf_printf(&url, "%s/-/ready", plan->url);
    const struct push_call call = {.plan = plan,
                                   .method = "GET",
                                   .url = buf_str(&url),
                                   .timeout_ns = plan->timeout_ns};

    push_call_perform(&call, &outcome);
    if (outcome.end == PUSH_UNREACHABLE)
        verdicts_add(
            verdicts, EXIT_PREFLIGHT,
            "The Pushgateway %s cannot be reached (%.100s): is it up, and are host "
            "and port right? Without it, run with --no-preflight.",
            plan->url, outcome.problem);
    else if (outcome.status == 401 || outcome.status == 403)
        verdicts_add(verdicts, EXIT_PREFLIGHT,
                     "The Pushgateway %s refuses the credentials (%u): look at "
                     "outputs.pushgateway.url and headers.",
                     plan->url, outcome.status);
}

#include "output/webhooks.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/call.h"
#include "output/notification.h"
#include "plan/plan.h"

#define MAX_MESSAGE_BYTES ((size_t)1 << 20)
#define MAX_SENTENCE_BYTES ((size_t)800)
#define ATTEMPTS 3
/* Before the second attempt; twice as long before the third. */
#define BACK_OFF_NS NS_PER_S
/* How often a wait looks whether it was cut short. */
#define LOOK_NS (50 * NS_PER_MS)

/* One message on its way. */
struct delivery {
    struct webhooks *webhooks;
    const struct plan_webhook *webhook;
    struct buf message; /* empty: there is nothing to tell */
    bool is_undelivered;

    /* The job's, while it is under way: */
    uv_work_t work;
    char problem[300]; /* "" where it was taken */
};

struct webhooks {
    uv_loop_t *loop;
    webhooks_tell_fn *tell;
    void *ctx;
    atomic_bool cancelled;
    size_t busy;
    size_t count;
    struct delivery deliveries[];
};

int webhooks_new(uv_loop_t *loop, const struct plan_webhook *list, size_t count,
                 webhooks_tell_fn *tell, void *ctx, struct webhooks **ret_webhooks)
{
    struct webhooks *webhooks =
        calloc(1, sizeof(*webhooks) + count * sizeof(webhooks->deliveries[0]));

    if (!webhooks)
        return -ENOMEM;
    webhooks->loop = loop;
    webhooks->tell = tell;
    webhooks->ctx = ctx;
    webhooks->count = count;
    for (size_t i = 0; i < count; i++) {
        struct delivery *delivery = &webhooks->deliveries[i];

        delivery->webhooks = webhooks;
        delivery->webhook = &list[i];
        delivery->message = BUF_INIT(MAX_MESSAGE_BYTES);
        delivery->work.data = delivery;
    }
    *ret_webhooks = webhooks;
    return 0;
}

struct webhooks *webhooks_free(struct webhooks *webhooks)
{
    if (!webhooks)
        return NULL;
    assert(webhooks->busy == 0);
    for (size_t i = 0; i < webhooks->count; i++)
        buf_deinit(&webhooks->deliveries[i].message);
    free(webhooks);
    return NULL;
}

int webhooks_write(struct webhooks *webhooks, const json_t *summary, const char *link)
{
    const bool failed = json_integer_value(json_object_get(
                            json_object_get(summary, "run"), "exit_code")) != 0;
    int r = 0;

    for (size_t i = 0; r >= 0 && i < webhooks->count; i++) {
        struct delivery *delivery = &webhooks->deliveries[i];

        buf_clear(&delivery->message);
        if (failed || !delivery->webhook->only_failure)
            r = notification_write(summary, delivery->webhook->format, link,
                                   &delivery->message);
    }
    return r < 0 ? r : 0;
}

/* Whoever answers may quote what they were sent. */
static void mask(const struct plan_webhook *webhook, char *text)
{
    const char *url = secret_reveal(webhook->url);
    const char *path = strchr(strstr(url, "://") + strlen("://"), '/');

    plan_star_headers(text, webhook->headers, webhook->header_count);
    secret_star_out(text, url);
    if (path && strlen(path + 1) >= SECRET_MIN_BYTES)
        secret_star_out(text, path + 1);
}

/* Whether the same may go well later. */
static bool is_worth_another(int r, unsigned status)
{
    return r == -EIO || r == -ETIMEDOUT || status == 429 || status >= 500;
}

/* Posts it once. Returns whether it was taken, and if not, whether to try again. */
static bool post(struct delivery *delivery, const struct transfer_header *headers,
                 size_t header_count, bool *ret_again)
{
    const struct plan_webhook *webhook = delivery->webhook;
    const struct call call = {
        .method = "POST",
        .url = secret_reveal(webhook->url),
        .headers = headers,
        .header_count = header_count,
        .body = buf_str(&delivery->message),
        .body_len = delivery->message.len,
        .timeout_ns = webhook->timeout_ns,
        .cancelled = &delivery->webhooks->cancelled,
    };
    struct call_result result = {0};
    const int r = call_perform(&call, &result);
    const size_t size = sizeof(delivery->problem);

    mask(webhook, result.detail);
    if (r == 0 && result.status >= 200 && result.status < 300) {
        delivery->problem[0] = '\0';
        return true;
    }
    *ret_again = is_worth_another(r, result.status);
    if (r == 0)
        (void)snprintf(delivery->problem, size, "it answered %u%s%s", result.status,
                       *result.detail ? ": " : "", result.detail);
    else if (r == -ETIMEDOUT)
        (void)snprintf(delivery->problem, size, "no answer within %.3gs",
                       (double)webhook->timeout_ns / (double)NS_PER_S);
    else if (r == -ECANCELED)
        (void)snprintf(delivery->problem, size, "a signal cut it short");
    else
        (void)snprintf(delivery->problem, size, "%s",
                       *result.detail ? result.detail : strerrordesc_np(-r));
    return false;
}

/* Waits on a thread of the pool. Returns false where it was cut short. */
static bool wait_for(const struct webhooks *webhooks, uint64_t wait_ns)
{
    const struct timespec look = {.tv_nsec = (long)LOOK_NS};

    for (uint64_t waited_ns = 0; waited_ns < wait_ns; waited_ns += LOOK_NS) {
        if (atomic_load(&webhooks->cancelled))
            return false;
        (void)nanosleep(&look, NULL);
    }
    return !atomic_load(&webhooks->cancelled);
}

static void on_pool(uv_work_t *work)
{
    struct delivery *delivery = work->data;
    const struct plan_webhook *webhook = delivery->webhook;
    struct transfer_header *headers = calloc(webhook->header_count + 1, sizeof(*headers));
    bool again = true;

    (void)snprintf(delivery->problem, sizeof(delivery->problem), "out of memory");
    if (!headers)
        return;
    headers[0] = (struct transfer_header){"Content-Type", "application/json"};
    for (size_t i = 0; i < webhook->header_count; i++)
        headers[i + 1] =
            (struct transfer_header){webhook->headers[i].key, webhook->headers[i].value};
    for (int attempt = 0; again && attempt < ATTEMPTS; attempt++) {
        if (attempt > 0 && !wait_for(delivery->webhooks, BACK_OFF_NS << (attempt - 1)))
            break;
        again = false;
        if (post(delivery, headers, webhook->header_count + 1, &again))
            break;
    }
    free(headers);
}

static void on_delivered(uv_work_t *work, int status)
{
    struct delivery *delivery = work->data;
    struct webhooks *webhooks = delivery->webhooks;

    (void)status; /* nobody cancels it */
    webhooks->busy--;
    delivery->is_undelivered = delivery->problem[0] != '\0';
    if (delivery->is_undelivered) {
        CLEANUP(buf_deinit) struct buf sentence = BUF_INIT(MAX_SENTENCE_BYTES);

        buf_printf(&sentence, "the webhook at %s was not told how the run ended: %s",
                   delivery->webhook->name, delivery->problem);
        webhooks->tell(webhooks->ctx, buf_str(&sentence));
    }
}

static void on_results(void *ctx)
{
    struct webhooks *webhooks = ctx;

    for (size_t i = 0; i < webhooks->count; i++) {
        struct delivery *delivery = &webhooks->deliveries[i];

        if (delivery->message.len == 0)
            continue;
        if (uv_queue_work(webhooks->loop, &delivery->work, on_pool, on_delivered) == 0)
            webhooks->busy++;
        else
            delivery->is_undelivered = true;
    }
}

static void on_start(void *ctx, const struct run_view *view)
{
    (void)ctx;
    (void)view;
}

static void on_tick(void *ctx, const struct run_view *view,
                    const struct interval_view *interval)
{
    (void)ctx;
    (void)view;
    (void)interval;
}

static void on_end(void *ctx, const struct run_facts *facts)
{
    (void)ctx;
    (void)facts;
}

static bool is_busy(const void *ctx)
{
    const struct webhooks *webhooks = ctx;

    return webhooks->busy > 0;
}

static void hurry(void *ctx)
{
    struct webhooks *webhooks = ctx;

    atomic_store(&webhooks->cancelled, true);
}

struct probe webhooks_probe(struct webhooks *webhooks)
{
    return (struct probe){
        .name = "webhooks",
        .ctx = webhooks,
        .on_start = on_start,
        .on_tick = on_tick,
        .on_end = on_end,
        .is_busy = is_busy,
        .on_results = on_results,
        .hurry = hurry,
    };
}

size_t webhooks_undelivered(const struct webhooks *webhooks)
{
    size_t count = 0;

    for (size_t i = 0; i < webhooks->count; i++)
        count += webhooks->deliveries[i].is_undelivered;
    return count;
}

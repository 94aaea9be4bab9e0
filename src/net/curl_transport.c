#include "net/curl_transport.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/clock.h"
#include "base/cpu_supply.h"
#include "net/curl_transfer.h"
#include "net/hub.h"
#include "net/shard.h"

static const struct transport_ops ops;

/* With fewer connections than shards, more shards could only hold each other's connections up. */
static uint32_t shards_of(const struct connection_policy *policy, uint32_t wanted)
{
    const uint32_t max = policy->max_connections;

    return max > 0 && max < wanted ? max : wanted;
}

/* The shard's part of the target's connections: the parts add up to the whole. */
static uint32_t share_of(const struct shard_group *group, uint32_t index)
{
    const uint32_t max = group->policy->max_connections;

    return max / group->count + (index < max % group->count ? 1 : 0);
}

static int take_shard(struct curl_transport *transport, uint32_t target, uint64_t user,
                      struct shard **ret_shard)
{
    struct shard_group *group = &transport->groups[target];
    const uint32_t index = (uint32_t)(user % group->count);
    struct shard *shard = group->shards[index];
    int r;

    if (!shard) {
        shard = malloc(sizeof(*shard));
        if (!shard)
            return -ENOMEM;
        r = shard_init(shard, transport, group->policy, share_of(group, index));
        if (r < 0) {
            free(shard);
            return r;
        }
        group->shards[index] = shard;
    }
    *ret_shard = shard;
    return 0;
}

static int take_transfer(struct shard *shard, struct curl_transfer **ret_transfer)
{
    if (list_is_empty(&shard->idle))
        return curl_transfer_new(shard, ret_transfer);
    /* The one used last: its memory is the warmest. */
    *ret_transfer = LIST_ENTRY(shard->idle.prev, struct curl_transfer, link);
    list_remove(&(*ret_transfer)->link);
    return 0;
}

static int start(struct transport *base, const struct transfer_request *request,
                 uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                 struct transfer **ret_transfer)
{
    struct curl_transport *transport = (struct curl_transport *)(void *)base;
    struct curl_transfer *transfer;
    struct shard *shard;
    uint64_t due_ns;
    int r;

    assert(request->target < transport->group_count);
    if (transport->closing)
        return -ECANCELED;
    r = take_shard(transport, request->target, request->user, &shard);
    if (r < 0)
        return r;
    r = take_transfer(shard, &transfer);
    if (r < 0)
        return r;
    r = curl_transfer_prepare(transfer, request, now_ns, handler, ctx);
    if (r < 0) {
        list_append(&shard->idle, &transfer->link);
        return r;
    }
    transfer->base.transport = base;
    list_append(&shard->starting, &transfer->link);
    transport->in_flight++;
    due_ns = curl_transfer_due_ns(transfer, now_ns);
    if (due_ns != UINT64_MAX)
        hub_set_deadline(transport, &transfer->deadline, due_ns);
    shard_mark_due(shard);
    *ret_transfer = &transfer->base;
    return 0;
}

static void cancel(struct transfer *base, enum transfer_end why)
{
    curl_transfer_refuse((struct curl_transfer *)(void *)base, why, "");
}

static const char *header(const struct transfer *base, const char *name)
{
    return curl_transfer_header((const struct curl_transfer *)(const void *)base, name);
}

static bool header_at(const struct transfer *base, size_t index,
                      struct transfer_header *ret_header)
{
    return curl_transfer_header_at((const struct curl_transfer *)(const void *)base,
                                   index, ret_header);
}

static const char *peer(const struct transfer *base)
{
    return ((const struct curl_transfer *)(const void *)base)->peer;
}

static void pause_reading(struct transfer *base)
{
    curl_transfer_pause((struct curl_transfer *)(void *)base);
}

static void resume_reading(struct transfer *base)
{
    curl_transfer_resume((struct curl_transfer *)(void *)base);
}

static const struct transport_ops ops = {
    .start = start,
    .cancel = cancel,
    .header = header,
    .header_at = header_at,
    .peer = peer,
    .pause = pause_reading,
    .resume = resume_reading,
};

struct transport *curl_transport_as_transport(struct curl_transport *transport)
{
    return &transport->base;
}

void curl_transport_stats(const struct curl_transport *transport,
                          struct curl_transport_stats *ret_stats)
{
    *ret_stats = transport->stats;
    ret_stats->clock_steps = transport->stamps.steps;
}

static void release(struct curl_transport *transport)
{
    for (size_t i = 0; transport->groups && i < transport->group_count; i++) {
        struct shard_group *group = &transport->groups[i];

        for (uint32_t j = 0; group->shards && j < group->count; j++)
            free(group->shards[j]);
        free((void *)group->shards);
    }
    free(transport->groups);
    if (transport->share)
        (void)curl_share_cleanup(transport->share);
    stamp_clock_deinit(&transport->stamps);
    if (transport->cpu_wait_fd >= 0)
        (void)close(transport->cpu_wait_fd);
    free((void *)transport->by_fd);
    free(transport);
    curl_global_cleanup();
}

static int make_groups(struct curl_transport *transport,
                       const struct curl_transport_options *options)
{
    transport->groups = calloc(options->target_count, sizeof(*transport->groups));
    if (!transport->groups)
        return -ENOMEM;
    transport->group_count = options->target_count;
    for (size_t i = 0; i < options->target_count; i++) {
        struct shard_group *group = &transport->groups[i];

        group->policy = &options->targets[i];
        group->count = shards_of(group->policy, options->shards);
        group->shards = (struct shard **)calloc(group->count, sizeof(struct shard *));
        if (!group->shards)
            return -ENOMEM;
    }
    return 0;
}

int curl_transport_new(uv_loop_t *loop, const struct curl_transport_options *options,
                       struct curl_transport **ret_transport)
{
    struct curl_transport *transport;
    int r;

    assert(options->shards > 0 && options->target_count > 0);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -EIO;
    transport = calloc(1, sizeof(*transport));
    if (!transport) {
        curl_global_cleanup();
        return -ENOMEM;
    }
    transport->base.ops = &ops;
    transport->loop = loop;
    transport->kernel_stamps = options->kernel_stamps;
    stamp_clock_init(&transport->stamps, options->kernel_stamps);
    transport->cpu_wait_fd = cpu_wait_open();
    transport->cpu_wait_ns = cpu_wait_read(transport->cpu_wait_fd);
    transport->share = curl_share_init();
    r = transport->share ? make_groups(transport, options) : -ENOMEM;
    if (r < 0) {
        release(transport);
        return r;
    }
    (void)curl_share_setopt(transport->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    (void)curl_share_setopt(transport->share, CURLSHOPT_SHARE,
                            CURL_LOCK_DATA_SSL_SESSION);
    hub_init(transport, clock_mono_ns());
    *ret_transport = transport;
    return 0;
}

static void cancel_all(struct list *transfers)
{
    /* Each goes over to the list of those that end. */
    while (!list_is_empty(transfers))
        cancel(&LIST_ENTRY(transfers->next, struct curl_transfer, link)->base,
               TRANSFER_CANCELLED);
}

void curl_transport_close(struct curl_transport *transport, void (*closed)(void *ctx),
                          void *ctx)
{
    assert(!transport->closing);
    transport->closing = true;
    transport->closed = closed;
    transport->closed_ctx = ctx;
    for (size_t i = 0; i < transport->group_count; i++)
        for (uint32_t j = 0; j < transport->groups[i].count; j++) {
            struct shard *shard = transport->groups[i].shards[j];

            if (!shard)
                continue;
            cancel_all(&shard->starting);
            cancel_all(&shard->running);
        }
    /* From the loop: this may be called inside libcurl, under a transfer's callback. */
    hub_wake(transport);
}

/* All handles are closed: the last step of closing. */
void hub_gone(struct curl_transport *transport)
{
    void (*closed)(void *ctx) = transport->closed;
    void *ctx = transport->closed_ctx;

    release(transport);
    if (closed)
        closed(ctx);
}

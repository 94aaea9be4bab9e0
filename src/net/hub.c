#include "net/hub.h"

#include <assert.h>

#include "base/clock.h"
#include "net/connection.h"
#include "net/curl_transfer.h"

/* How long a request may wait for the sockets that are ready before it. */
#define LATE_NS (250 * NS_PER_US)

static void on_closed(uv_handle_t *handle)
{
    hub_handle_closed(handle->data);
}

/* Nothing is in flight any more: lets go of libcurl and of the loop. */
static void take_down(struct curl_transport *hub)
{
    for (size_t i = 0; i < hub->group_count; i++)
        for (uint32_t j = 0; j < hub->groups[i].count; j++)
            if (hub->groups[i].shards[j])
                shard_deinit(hub->groups[i].shards[j]);
    /* libcurl closed the sockets; some it does not tell of. */
    for (size_t fd = 0; fd < hub->fd_count; fd++)
        if (hub->by_fd[fd])
            connection_close(hub->by_fd[fd]);
    hub->down = true;
    uv_close((uv_handle_t *)&hub->kick, on_closed);
    uv_close((uv_handle_t *)&hub->turn, on_closed);
    uv_close((uv_handle_t *)&hub->tick, on_closed);
}

static void run_due(struct curl_transport *hub)
{
    struct list now;

    if (list_is_empty(&hub->due))
        return;
    /* Moved out first: a shard that is due again waits for the next time. */
    list_init(&now);
    while (!list_is_empty(&hub->due)) {
        struct list *link = hub->due.next;

        list_remove(link);
        list_append(&now, link);
    }
    while (!list_is_empty(&now))
        shard_run(LIST_ENTRY(now.next, struct shard, link));
}

void hub_run_late(struct curl_transport *hub)
{
    if (!list_is_empty(&hub->due) && clock_mono_ns() - hub->due_since_ns > LATE_NS)
        run_due(hub);
}

static void on_kick(uv_idle_t *kick)
{
    struct curl_transport *hub = kick->data;

    run_due(hub);
    if (hub->closing && hub->in_flight == 0)
        take_down(hub);
    else if (list_is_empty(&hub->due))
        (void)uv_idle_stop(kick);
}

void hub_wake(struct curl_transport *hub)
{
    if (!uv_is_active((uv_handle_t *)&hub->kick))
        (void)uv_idle_start(&hub->kick, on_kick);
}

void hub_mark_due(struct curl_transport *hub, struct shard *shard)
{
    if (!list_is_empty(&shard->link))
        return;
    if (list_is_empty(&hub->due))
        hub->due_since_ns = clock_mono_ns();
    list_append(&hub->due, &shard->link);
    hub_wake(hub);
}

static void on_turn(uv_prepare_t *turn)
{
    struct curl_transport *hub = turn->data;

    hub->turn_before_ns = hub->turn_ns;
    hub->turn_ns = clock_mono_ns();
    hub->held_up_ns = 0;
}

static void on_deadline(void *ctx, struct deadline *deadline)
{
    struct curl_transport *hub = ctx;
    struct curl_transfer *transfer = LIST_ENTRY(deadline, struct curl_transfer, deadline);
    const uint64_t now_ns = clock_mono_ns();
    const uint64_t rests_until_ns = slow_reader_rests_until_ns(transfer);
    uint64_t due_ns;

    if (rests_until_ns > 0 && rests_until_ns <= now_ns)
        slow_reader_go_on(transfer, now_ns);
    curl_transfer_note_upload(transfer, now_ns);
    due_ns = curl_transfer_due_ns(transfer, now_ns);
    if (due_ns <= now_ns)
        curl_transfer_expire(transfer, now_ns);
    else
        hub_set_deadline(hub, deadline, due_ns);
}

static void on_tick(uv_timer_t *tick)
{
    struct curl_transport *hub = tick->data;

    deadline_expire(&hub->wheel, clock_mono_ns(), on_deadline, hub);
    if (hub->wheel.count == 0)
        (void)uv_timer_stop(tick);
}

void hub_set_deadline(struct curl_transport *hub, struct deadline *deadline,
                      uint64_t due_ns)
{
    const uint64_t grain_ms = DEADLINE_GRAIN_NS / NS_PER_MS;

    deadline_set(&hub->wheel, deadline, due_ns);
    if (!uv_is_active((uv_handle_t *)&hub->tick))
        (void)uv_timer_start(&hub->tick, on_tick, grain_ms, grain_ms);
}

void hub_init(struct curl_transport *hub, uint64_t now_ns)
{
    list_init(&hub->due);
    deadline_wheel_init(&hub->wheel, now_ns);
    /* None of these can fail. */
    (void)uv_idle_init(hub->loop, &hub->kick);
    (void)uv_prepare_init(hub->loop, &hub->turn);
    (void)uv_timer_init(hub->loop, &hub->tick);
    hub->kick.data = hub;
    hub->turn.data = hub;
    hub->tick.data = hub;
    hub->handles = 3;
    (void)uv_prepare_start(&hub->turn, on_turn);
    /* It only takes the time of turns that others cause. */
    uv_unref((uv_handle_t *)&hub->turn);
}

void hub_handle_closed(struct curl_transport *hub)
{
    assert(hub->handles > 0);
    hub->handles--;
    if (hub->down && hub->handles == 0)
        hub_gone(hub);
}

void hub_transfer_ended(struct curl_transport *hub)
{
    assert(hub->in_flight > 0);
    if (--hub->in_flight == 0 && hub->closing)
        hub_wake(hub);
}

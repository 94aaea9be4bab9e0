#include "engine/virtual_world.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/heap.h"
#include "base/list.h"
#include "engine/world.h"

/* Who answers everything. */
#define PEER "virtual:80"

/* What a transfer does next. */
enum step {
    STEP_HEADERS,
    STEP_EVENT,
    STEP_END,
};

struct virtual_transfer {
    struct transfer transfer;
    struct virtual_world *world;
    struct list link; /* among those in flight, or kept for another use */
    struct heap_node node;
    const struct transfer_handler *handler;
    void *ctx;
    struct virtual_answer answer;
    struct arrival read; /* the latest */
    uint64_t wire_ns;
    uint64_t first_byte_ns;
    uint64_t last_ns; /* arrival of the latest piece, or what counts as one */
    uint64_t body_bytes;
    uint64_t idle_timeout_ns;
    uint64_t total_at_ns; /* UINT64_MAX: no limit */
    size_t event;         /* the next piece */
    size_t read_end;      /* pieces before this one belong to reads that have begun */
    enum step step;
    enum transfer_end end;
    bool has_headers;
};

struct virtual_world {
    struct world world;
    struct transport transport;
    virtual_server_fn *server;
    void *server_ctx;
    struct heap heap; /* of transfers, by their next moment */
    struct list in_flight;
    struct list idle; /* kept for another use */
    uint64_t now_ns;
    uint64_t wake_ns;
    uint64_t serial;
    size_t in_flight_count;
};

static struct virtual_world *of_world(struct world *world)
{
    return LIST_ENTRY(world, struct virtual_world, world);
}

static struct virtual_transfer *of_transfer(struct transfer *transfer)
{
    return LIST_ENTRY(transfer, struct virtual_transfer, transfer);
}

static uint64_t world_now(struct world *world)
{
    return of_world(world)->now_ns;
}

static uint64_t world_wall(struct world *world)
{
    (void)world;
    return 0; /* no day: what depends on it stands as a placeholder */
}

static void world_wake_at(struct world *world, uint64_t at_ns)
{
    of_world(world)->wake_ns = at_ns;
}

/* Plans the end at a moment, or not at all. */
static void plan_end(struct virtual_transfer *transfer, uint64_t at_ns,
                     enum transfer_end end)
{
    transfer->step = STEP_END;
    transfer->end = end;
    heap_move(&transfer->world->heap, &transfer->node, at_ns);
}

/* Plans the next step, unless a time-out comes before it. */
static void plan_step(struct virtual_transfer *transfer, enum step step, uint64_t at_ns)
{
    const uint64_t idle_at_ns = transfer->idle_timeout_ns
                                    ? transfer->last_ns + transfer->idle_timeout_ns
                                    : UINT64_MAX;

    if (at_ns > transfer->total_at_ns && transfer->total_at_ns <= idle_at_ns)
        plan_end(transfer, transfer->total_at_ns, TRANSFER_TOTAL_TIMEOUT);
    else if (at_ns > idle_at_ns)
        plan_end(transfer, idle_at_ns, TRANSFER_IDLE_TIMEOUT);
    else if (step == STEP_END)
        plan_end(transfer, at_ns, transfer->answer.end);
    else {
        transfer->step = step;
        heap_move(&transfer->world->heap, &transfer->node, at_ns);
    }
}

static void plan_after_piece(struct virtual_transfer *transfer)
{
    const struct virtual_answer *answer = &transfer->answer;

    if (transfer->event < transfer->read_end) {
        heap_move(&transfer->world->heap, &transfer->node, transfer->read.seen_ns);
    } else if (transfer->event < answer->event_count) {
        const struct virtual_event *event = &answer->events[transfer->event];

        plan_step(transfer, STEP_EVENT,
                  transfer->last_ns + event->delay_ns + event->late_ns);
    } else {
        plan_step(transfer, STEP_END,
                  answer->hangs ? UINT64_MAX : transfer->last_ns + answer->end_ns);
    }
}

static void give_headers(struct virtual_transfer *transfer, uint64_t now_ns)
{
    transfer->has_headers = true;
    transfer->last_ns = now_ns;
    transfer->read = (struct arrival){
        .arrived_ns = now_ns, .seen_ns = now_ns, .earliest_ns = now_ns, .read_serial = 1};
    plan_after_piece(transfer);
    transfer->handler->on_headers(transfer->ctx, transfer->answer.status,
                                  &transfer->read);
}

static bool is_stream(const struct virtual_answer *answer)
{
    return !answer->content_type ||
           strncmp(answer->content_type, "text/event-stream", 17) == 0;
}

/* Begins a read: the stamp is that of the last piece it holds (BENCH: the kernel gives no more). */
static void begin_read(struct virtual_transfer *transfer, uint64_t now_ns)
{
    const struct virtual_answer *answer = &transfer->answer;
    const struct virtual_event *first = &answer->events[transfer->event];
    struct arrival *read = &transfer->read;
    uint64_t arrived_ns = transfer->last_ns + first->delay_ns;
    size_t next = transfer->event + 1;

    for (; next < answer->event_count && answer->events[next].joined; next++)
        arrived_ns += answer->events[next].delay_ns;
    *read = (struct arrival){
        .arrived_ns = first->unstamped ? now_ns : arrived_ns,
        .seen_ns = now_ns,
        .earliest_ns = transfer->last_ns,
        .read_serial = read->read_serial + 1,
        .source = first->unstamped ? ARRIVAL_SEEN : ARRIVAL_KERNEL,
    };
    transfer->last_ns = arrived_ns;
    transfer->read_end = next;
}

static void give_piece(struct virtual_transfer *transfer, uint64_t now_ns)
{
    const struct virtual_event *event = &transfer->answer.events[transfer->event];
    const size_t len = strlen(event->data);

    if (transfer->event == transfer->read_end)
        begin_read(transfer, now_ns);
    transfer->event++;
    if (transfer->event == transfer->read_end && transfer->read.source == ARRIVAL_KERNEL)
        transfer->read.earliest_ns = transfer->read.arrived_ns;
    transfer->body_bytes += len;
    if (transfer->first_byte_ns == 0)
        transfer->first_byte_ns = transfer->read.arrived_ns;
    plan_after_piece(transfer);
    if (is_stream(&transfer->answer))
        transfer->handler->on_event(transfer->ctx, event->data, len, &transfer->read);
    else
        transfer->handler->on_body(transfer->ctx, event->data, len, &transfer->read);
}

static void give_end(struct virtual_transfer *transfer, uint64_t now_ns)
{
    struct virtual_world *world = transfer->world;
    const struct transfer_result result = {
        .end = transfer->end,
        .detail = transfer->end == TRANSFER_COMPLETE ? "" : "as the script says",
        .status = transfer->has_headers ? transfer->answer.status : 0,
        .reused = transfer->wire_ns && transfer->answer.connect_ns == 0,
        .stamped = true,
        .wire_ns = transfer->wire_ns <= now_ns ? transfer->wire_ns : 0,
        .connect_ns = transfer->answer.connect_ns,
        .first_byte_ns = transfer->first_byte_ns,
        .closed_ns = now_ns,
        .bytes_received = transfer->body_bytes,
        .peer = PEER,
        .tail = transfer->answer.tail,
        .tail_len = transfer->answer.tail ? strlen(transfer->answer.tail) : 0,
    };

    heap_remove(&world->heap, &transfer->node);
    transfer->handler->on_end(transfer->ctx, &result);
    world->in_flight_count--;
    list_remove(&transfer->link);
    list_append(&world->idle, &transfer->link);
}

/* A transfer nobody uses: a kept one, or a new one. */
static struct virtual_transfer *take_transfer(struct virtual_world *world)
{
    struct virtual_transfer *transfer;

    if (list_is_empty(&world->idle))
        return malloc(sizeof(*transfer));
    transfer = LIST_ENTRY(world->idle.next, struct virtual_transfer, link);
    list_remove(&transfer->link);
    return transfer;
}

static void plan_first(struct virtual_transfer *transfer,
                       const struct transfer_request *request, uint64_t now_ns)
{
    const struct virtual_answer *answer = &transfer->answer;
    const uint64_t connect_at_ns = now_ns + request->connect_timeout_ns;

    transfer->wire_ns = now_ns + answer->connect_ns;
    transfer->last_ns = transfer->wire_ns;
    if (request->connect_timeout_ns && transfer->wire_ns > connect_at_ns)
        plan_end(transfer, connect_at_ns, TRANSFER_CONNECT_TIMEOUT);
    else if (answer->status)
        plan_step(transfer, STEP_HEADERS, transfer->wire_ns + answer->headers_ns);
    else
        plan_step(transfer, STEP_END,
                  answer->hangs ? UINT64_MAX : transfer->wire_ns + answer->end_ns);
}

static int start(struct transport *transport, const struct transfer_request *request,
                 uint64_t now_ns, const struct transfer_handler *handler, void *ctx,
                 struct transfer **ret_transfer)
{
    struct virtual_world *world = LIST_ENTRY(transport, struct virtual_world, transport);
    const struct virtual_request seen = {
        .request = request, .sent_ns = now_ns, .serial = world->serial};
    struct virtual_transfer *transfer = take_transfer(world);

    if (!transfer)
        return -ENOMEM;
    *transfer = (struct virtual_transfer){
        .transfer = {.transport = transport},
        .world = world,
        .handler = handler,
        .ctx = ctx,
        .answer = {.status = 200},
        .idle_timeout_ns = request->idle_timeout_ns,
        .total_at_ns =
            request->total_timeout_ns ? now_ns + request->total_timeout_ns : UINT64_MAX,
    };
    list_init(&transfer->link);
    if (heap_insert(&world->heap, &transfer->node, now_ns) < 0) {
        list_append(&world->idle, &transfer->link);
        return -ENOMEM;
    }
    list_append(&world->in_flight, &transfer->link);
    world->in_flight_count++;
    world->serial++;
    world->server(world->server_ctx, &seen, &transfer->answer);
    plan_first(transfer, request, now_ns);
    *ret_transfer = &transfer->transfer;
    return 0;
}

static void cancel(struct transfer *transfer, enum transfer_end why)
{
    struct virtual_transfer *cancelled = of_transfer(transfer);

    plan_end(cancelled, cancelled->world->now_ns, why);
}

static const char *header(const struct transfer *transfer, const char *name)
{
    const struct virtual_answer *answer =
        &((const struct virtual_transfer *)(const void *)transfer)->answer;

    if (strcasecmp(name, "content-type") == 0)
        return answer->content_type ? answer->content_type : "text/event-stream";
    for (size_t i = 0; i < answer->header_count; i++) {
        if (strcasecmp(answer->headers[i].name, name) == 0)
            return answer->headers[i].value;
    }
    return NULL;
}

static bool header_at(const struct transfer *transfer, size_t index,
                      struct transfer_header *ret_header)
{
    const struct virtual_answer *answer =
        &((const struct virtual_transfer *)(const void *)transfer)->answer;

    if (index >= answer->header_count)
        return false;
    *ret_header = answer->headers[index];
    return true;
}

static const char *peer(const struct transfer *transfer)
{
    (void)transfer;
    return PEER;
}

int virtual_world_new(uint64_t start_ns, virtual_server_fn *server, void *ctx,
                      struct virtual_world **ret_world)
{
    static const struct world_ops world_ops = {
        .now = world_now, .wall = world_wall, .wake_at = world_wake_at};
    static const struct transport_ops transport_ops = {
        .start = start,
        .cancel = cancel,
        .header = header,
        .header_at = header_at,
        .peer = peer,
    };
    struct virtual_world *world = malloc(sizeof(*world));

    if (!world)
        return -ENOMEM;
    *world = (struct virtual_world){
        .world = {.ops = &world_ops},
        .transport = {.ops = &transport_ops},
        .server = server,
        .server_ctx = ctx,
        .now_ns = start_ns,
        .wake_ns = UINT64_MAX,
    };
    world->world.transport = &world->transport;
    list_init(&world->in_flight);
    list_init(&world->idle);
    *ret_world = world;
    return 0;
}

static void free_transfers(struct list *transfers)
{
    LIST_FOR_EACH(link, next, transfers)
    free(LIST_ENTRY(link, struct virtual_transfer, link));
}

struct virtual_world *virtual_world_free(struct virtual_world *world)
{
    if (!world)
        return NULL;
    free_transfers(&world->in_flight);
    free_transfers(&world->idle);
    heap_deinit(&world->heap);
    free(world);
    return NULL;
}

struct world *virtual_world_as_world(struct virtual_world *world)
{
    return &world->world;
}

static void serve(struct virtual_world *world, struct heap_node *node)
{
    struct virtual_transfer *transfer = HEAP_ENTRY(node, struct virtual_transfer, node);

    switch (transfer->step) {
    case STEP_HEADERS:
        give_headers(transfer, world->now_ns);
        break;
    case STEP_EVENT:
        give_piece(transfer, world->now_ns);
        break;
    case STEP_END:
        give_end(transfer, world->now_ns);
        break;
    }
}

bool virtual_world_run_until(struct virtual_world *world, uint64_t end_ns)
{
    for (;;) {
        struct heap_node *first = heap_first(&world->heap);
        const uint64_t network_ns = first ? first->key : UINT64_MAX;
        const bool wakes = world->wake_ns <= network_ns;
        const uint64_t at_ns = wakes ? world->wake_ns : network_ns;

        if (at_ns > end_ns || at_ns == UINT64_MAX) {
            if (world->now_ns < end_ns && end_ns != UINT64_MAX)
                world->now_ns = end_ns;
            return at_ns != UINT64_MAX;
        }
        if (world->now_ns < at_ns)
            world->now_ns = at_ns;
        if (wakes) {
            world->wake_ns = UINT64_MAX;
            world->world.on_wake(world->world.on_wake_ctx, world->now_ns);
        } else {
            serve(world, first);
        }
    }
}

void virtual_world_stall(struct virtual_world *world, uint64_t ns)
{
    world->now_ns += ns;
}

uint64_t virtual_world_now(const struct virtual_world *world)
{
    return world->now_ns;
}

size_t virtual_world_in_flight(const struct virtual_world *world)
{
    return world->in_flight_count;
}

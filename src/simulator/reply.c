#include "simulator/reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "simulator/instance.h"

/* One that waits. */
struct reply {
    struct simulator *simulator;
    struct serve_request *request;
    struct pacer_timer timer;
    uint64_t number;
    int status;
    struct fault fault; /* kind TRUTH_FAULT_NONE once it has struck */
    reply_ended_fn *ended;
    void *ctx;
    struct rng times; /* of what drips */
    size_t dripped;   /* bytes that left so */
    size_t len;
    struct head head;
    char body[];
};

/* What it waited for is over, and so is the request. */
static void end_reply(struct reply *reply, enum reply_end end)
{
    struct simulator *simulator = reply->simulator;
    reply_ended_fn *ended = reply->ended;
    void *ctx = reply->ctx;

    simulator_pacer_clear(&simulator->pacer, &reply->timer);
    simulator->replies--;
    free(reply);
    if (ended)
        ended(ctx, end);
    else if (end == REPLY_BROKEN)
        simulator->counts.broken++;
}

static void on_gone(void *ctx)
{
    end_reply(ctx, REPLY_GONE);
}

static void send_whole(struct reply *reply, size_t len)
{
    struct serve_header fields[HEAD_FIELDS_MAX];
    const size_t count = head_fields(&reply->head, fields);

    serve_answer(reply->request, reply->status, fields, count, reply->body, len);
    end_reply(reply, REPLY_SENT);
}

/* Opens the answer as one of unknown length, for what goes out in pieces. Returns as serve_stream_open(). */
static int open_pieces(const struct reply *reply, size_t len)
{
    struct serve_header fields[HEAD_FIELDS_MAX];
    const size_t count = head_fields(&reply->head, fields);

    return serve_stream_open(reply->request, reply->status, fields, count, reply->body,
                             len);
}

static void cut_short(struct reply *reply)
{
    if (open_pieces(reply, reply->len / 2) >= 0)
        serve_abort(reply->request, SERVE_ABORT_CLOSE);
    end_reply(reply, REPLY_BROKEN);
}

/* Sends the next byte of what drips; the first brings the head along. */
static void drip(struct reply *reply, uint64_t now_ns)
{
    const size_t at = reply->dripped++;
    const bool is_last = reply->dripped >= reply->len;
    int r = 0;

    if (at == 0)
        r = open_pieces(reply, reply->len > 0 ? 1 : 0);
    else if (!is_last)
        r = serve_stream_write(reply->request, reply->body + at, 1);
    if (r >= 0 && is_last)
        r = serve_stream_end(reply->request, reply->body + at, at > 0 ? 1 : 0);
    if (r < 0)
        end_reply(reply, REPLY_GONE);
    else if (is_last)
        end_reply(reply, REPLY_SENT);
    else
        simulator_pacer_set(
            &reply->simulator->pacer, &reply->timer,
            now_ns + fault_draw_drip_ns(reply->simulator->options, &reply->times));
}

/* Its time has come, with a fault. */
static void strike(struct reply *reply, uint64_t now_ns)
{
    struct simulator *simulator = reply->simulator;
    const enum truth_fault kind = reply->fault.kind;

    truth_log_note(simulator->truth, truth_log_stamp(simulator->truth), reply->number,
                   TRUTH_FAULT, (uint32_t)kind, 0);
    if (kind == TRUTH_FAULT_RESET) {
        serve_abort(reply->request, SERVE_ABORT_RESET);
        end_reply(reply, REPLY_BROKEN);
    } else if (kind == TRUTH_FAULT_TRUNCATE) {
        cut_short(reply);
    } else if (kind == TRUTH_FAULT_STALL) {
        reply->fault.kind = TRUTH_FAULT_NONE;
        if (simulator->options->stall_for_ns != SIMULATOR_FOREVER)
            simulator_pacer_set(&simulator->pacer, &reply->timer,
                                now_ns + simulator->options->stall_for_ns);
    } else if (kind == TRUTH_FAULT_MALFORMED) {
        send_whole(reply, reply->len / 2);
    } else {
        drip(reply, now_ns);
    }
}

static void on_due(struct pacer_timer *timer, uint64_t now_ns)
{
    struct reply *reply = LIST_ENTRY(timer, struct reply, timer);

    if (reply->dripped > 0)
        drip(reply, now_ns);
    else if (reply->fault.kind != TRUTH_FAULT_NONE)
        strike(reply, now_ns);
    else
        send_whole(reply, reply->len);
}

static void send_at_once(const struct reply_spec *spec)
{
    struct serve_header fields[HEAD_FIELDS_MAX];
    const size_t count = head_fields(spec->head, fields);

    serve_answer(spec->request, spec->status, fields, count, spec->body, spec->len);
    if (spec->ended)
        spec->ended(spec->ctx, REPLY_SENT);
}

/* Returns whether it waits: it does not where memory is missing. */
static bool wait_for(const struct reply_spec *spec, uint64_t due_ns,
                     const struct fault *fault)
{
    struct simulator *simulator = spec->simulator;
    struct reply *reply = malloc(sizeof(*reply) + spec->len);

    if (!reply || simulator_reserve_timer(simulator) < 0) {
        free(reply);
        return false;
    }
    *reply = (struct reply){
        .simulator = simulator,
        .request = spec->request,
        .timer = {.fn = on_due},
        .number = spec->number,
        .status = spec->status,
        .fault = *fault,
        .ended = spec->ended,
        .ctx = spec->ctx,
        .len = spec->len,
        .head = *spec->head,
    };
    memcpy(reply->body, spec->body, spec->len);
    if (fault->kind == TRUTH_FAULT_DRIP)
        rng_init(&reply->times, simulator->options->seed, spec->number, STREAM_DRIP,
                 RNG_SIMULATOR);
    simulator->replies++;
    serve_request_on_gone(spec->request, on_gone, reply);
    simulator_pacer_set(&simulator->pacer, &reply->timer,
                        due_ns > 0 ? due_ns : clock_mono_ns());
    return true;
}

void reply_begin(const struct reply_spec *spec)
{
    struct truth_log *truth = spec->simulator->truth;
    struct fault fault = spec->fault;
    uint64_t due_ns = spec->due_ns;

    if (fault.kind == TRUTH_FAULT_LATE) {
        truth_log_note(truth, truth_log_stamp(truth), spec->number, TRUTH_FAULT,
                       TRUTH_FAULT_LATE, 0);
        due_ns = (due_ns > 0 ? due_ns : clock_mono_ns()) + fault.late_ns;
    }
    if (!fault_is_of_any_answer(fault.kind, spec->len))
        fault.kind = TRUTH_FAULT_NONE;
    if (fault.kind == TRUTH_FAULT_NONE && due_ns == 0) {
        send_at_once(spec);
        return;
    }
    if (wait_for(spec, due_ns, &fault))
        return;
    serve_abort(spec->request, SERVE_ABORT_RESET);
    if (spec->ended)
        spec->ended(spec->ctx, REPLY_BROKEN);
}

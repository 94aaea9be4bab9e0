#include "simulator/stream.h"

#include <string.h>

#include "base/clock.h"
#include "simulator/instance.h"

/* The events of one write: the role, a chunk, finish, usage, [DONE] and one behind it at most. */
#define EVENTS_PER_WRITE_MAX 6

/* What one write carries, for the ground truth. */
struct batch {
    struct buf *bytes; /* borrowed: the simulator's */
    struct {
        enum truth_kind kind;
        uint64_t tokens;
    } events[EVENTS_PER_WRITE_MAX];
    size_t count;
};

static struct batch batch_begin(struct simulator *simulator)
{
    buf_clear(&simulator->piece);
    return (struct batch){.bytes = &simulator->piece};
}

/* An event that the format has nothing for is none. */
static void batch_add(struct batch *batch, struct generation *generation,
                      const struct generation_event *event, uint64_t tokens)
{
    const size_t before = batch->bytes->len;

    generation->format->write_event(generation, event, batch->bytes);
    if (batch->bytes->len == before)
        return;
    batch->events[batch->count].kind = event->kind;
    batch->events[batch->count].tokens = tokens;
    batch->count++;
}

/* Adds an event without words. */
static void batch_add_mark(struct batch *batch, struct generation *generation,
                           enum truth_kind kind, uint64_t choice)
{
    const struct generation_event event = {.kind = kind, .text = "", .choice = choice};

    batch_add(batch, generation, &event, 0);
}

/* Sends the head, with the first bytes in the same write (len 0: alone). */
static int open_stream(struct generation *generation, const char *bytes, size_t len)
{
    struct serve_header fields[HEAD_FIELDS_MAX];
    struct truth_stamp stamp;
    struct head head;
    size_t count;
    int r;

    generation_head(generation, "text/event-stream; charset=utf-8", &head);
    head_add(&head, "cache-control", "no-cache");
    count = head_fields(&head, fields);
    stamp = truth_log_stamp(generation->simulator->truth);
    r = serve_stream_open(generation->request, 200, fields, count, bytes, len);
    generation->is_open = true;
    if (r >= 0)
        generation_note(generation, stamp, TRUTH_HEAD, 200, 0);
    return r;
}

/*
 * Writes bytes of the stream. Returns as serve_stream_write(); when it fails, or with is_last,
 * the request is over.
 */
static int write_bytes(struct generation *generation, const char *bytes, size_t len,
                       bool is_last)
{
    int r = 0;

    if (!generation->is_open) {
        r = open_stream(generation, bytes, len);
        bytes = NULL;
        len = 0;
    }
    if (r >= 0 && is_last)
        r = serve_stream_end(generation->request, bytes, len);
    else if (r >= 0 && len > 0)
        r = serve_stream_write(generation->request, bytes, len);
    return r;
}

/* The rest of the schedule moves by the time that the client did not read. */
static void on_drained(void *ctx)
{
    struct generation *generation = ctx;
    const uint64_t now_ns = clock_mono_ns();

    if (generation->state != GENERATION_BLOCKED)
        return;
    generation->state = GENERATION_STREAMING;
    generation_set_due(generation,
                       now_ns > generation->due_ns ? now_ns : generation->due_ns);
}

/* After a write that went well (r ≥ 0): on to the next, once the client has read this one. */
static void go_on(struct generation *generation, int r)
{
    generation->due_ns +=
        generation->is_dripping
            ? fault_draw_drip_ns(generation->options, &generation->times)
            : generation_draw_gap_ns(generation);
    if (r == SERVE_QUEUED) {
        generation->state = GENERATION_BLOCKED;
    } else {
        generation->state = GENERATION_STREAMING;
        generation_set_due(generation, generation->due_ns);
    }
}

/* Sends one write of events, or leaves it to drip. */
static void send_batch(struct generation *generation, const struct batch *batch,
                       bool is_last, enum generation_end end)
{
    struct truth_log *truth = generation->simulator->truth;
    struct truth_stamp stamp;
    int r = 0;

    if (buf_error(batch->bytes) < 0) {
        serve_abort(generation->request, SERVE_ABORT_RESET);
        generation_end(generation, GENERATION_ABANDONED);
        return;
    }
    stamp = truth_log_stamp(truth);
    if (generation->is_dripping) {
        buf_clear(&generation->drip);
        buf_append(&generation->drip, batch->bytes->bytes, batch->bytes->len);
        r = buf_error(&generation->drip);
        generation->drip_at = 0;
        generation->drip_ends = is_last;
    } else {
        r = write_bytes(generation, batch->bytes->bytes, batch->bytes->len, is_last);
    }
    if (r < 0) {
        if (generation->is_dripping)
            serve_abort(generation->request, SERVE_ABORT_RESET);
        generation_end(generation, GENERATION_ABANDONED);
        return;
    }
    for (size_t i = 0; i < batch->count; i++) {
        const uint64_t tokens = batch->events[i].tokens;

        generation_note(generation, stamp, batch->events[i].kind, generation->events++,
                        (uint16_t)(tokens < UINT16_MAX ? tokens : UINT16_MAX));
    }
    if (is_last && !generation->is_dripping)
        generation_end(generation, end);
    else
        go_on(generation, r);
}

/* Sends the next byte of what drips. The last byte of all ends the stream. */
static void drip(struct generation *generation)
{
    const char *byte = generation->drip.bytes + generation->drip_at++;
    const bool is_last =
        generation->drip_ends && generation->drip_at == generation->drip.len;
    const int r = write_bytes(generation, byte, 1, is_last);

    if (r < 0)
        generation_end(generation, GENERATION_ABANDONED);
    else if (is_last)
        generation_end(generation, GENERATION_ANSWERED);
    else
        go_on(generation, r);
}

/* Ends the stream with an event that holds an error, as gateways do when their backend fails. */
static void send_error(struct generation *generation)
{
    struct batch batch = batch_begin(generation->simulator);

    generation->format->write_error(generation, batch.bytes);
    send_batch(generation, &batch, true, GENERATION_BROKEN);
}

/* What follows the last chunk, but for what a flaw leaves out or adds. */
static void add_end(struct batch *batch, struct generation *generation, uint64_t choice)
{
    if (generation->flaw != TRUTH_FAULT_NO_FINISH)
        batch_add_mark(batch, generation, TRUTH_FINISH, choice);
    if (generation->include_usage)
        batch_add_mark(batch, generation, TRUTH_USAGE, 0);
    if (generation->flaw != TRUTH_FAULT_NO_DONE)
        batch_add_mark(batch, generation, TRUTH_DONE, 0);
    if (generation->flaw == TRUTH_FAULT_AFTER_DONE)
        batch_add_mark(batch, generation, TRUTH_FINISH, choice);
}

/* Half of the event that begins there, still ended by a blank line: broken JSON in an intact stream. */
static void cut_event(struct buf *bytes, size_t begin)
{
    if (buf_error(bytes) < 0)
        return;
    bytes->len = begin + (bytes->len - begin) / 2;
    buf_append_str(bytes, "\n\n");
}

/* The chunk that is due, with what comes before the first and after the last. */
static void send_chunk(struct generation *generation, bool is_malformed, uint64_t now_ns)
{
    struct simulator *simulator = generation->simulator;
    struct batch batch = batch_begin(simulator);
    struct generation_event event;
    bool is_last;
    uint64_t tokens;
    size_t begin;

    if (!generation->is_role_sent) {
        generation->is_role_sent = true;
        batch_add_mark(&batch, generation, TRUTH_ROLE, 0);
    }
    buf_clear(&simulator->text);
    tokens = generation_take_words(generation, &event, &simulator->text);
    event.text = buf_str(&simulator->text);
    event.len = simulator->text.len;
    generation_count_tokens(generation, tokens, now_ns);
    begin = batch.bytes->len;
    batch_add(&batch, generation, &event, tokens);
    if (is_malformed)
        cut_event(batch.bytes, begin);
    generation->chunks++;
    simulator->counts.chunks++;
    is_last = generation->reasoning_left + generation->content_left == 0;
    if (is_last)
        add_end(&batch, generation, event.choice);
    else if (event.is_last && event.kind == TRUTH_CONTENT)
        batch_add_mark(&batch, generation, TRUTH_FINISH, event.choice);
    send_batch(generation, &batch, is_last, GENERATION_ANSWERED);
}

/* The fault's moment has come. Returns whether it is all that happens now. */
static bool strike(struct generation *generation, uint64_t now_ns, bool *ret_is_malformed)
{
    const struct simulator_options *options = generation->options;
    const enum truth_fault kind = generation->fault.kind;

    generation->fault.kind = TRUTH_FAULT_NONE;
    generation_note(generation, truth_log_stamp(generation->simulator->truth),
                    TRUTH_FAULT, (uint32_t)kind, 0);
    switch (kind) {
    case TRUTH_FAULT_RESET:
        serve_abort(generation->request, SERVE_ABORT_RESET);
        generation_end(generation, GENERATION_BROKEN);
        return true;
    case TRUTH_FAULT_TRUNCATE:
        if (generation->is_open || write_bytes(generation, NULL, 0, false) >= 0)
            serve_abort(generation->request, SERVE_ABORT_CLOSE);
        generation_end(generation, GENERATION_BROKEN);
        return true;
    case TRUTH_FAULT_STALL:
        generation->state = GENERATION_STALLED;
        if (options->stall_for_ns != SIMULATOR_FOREVER)
            generation_set_due(generation, now_ns + options->stall_for_ns);
        return true;
    case TRUTH_FAULT_STREAM_ERROR:
        send_error(generation);
        return true;
    case TRUTH_FAULT_MALFORMED:
        *ret_is_malformed = true;
        return false;
    case TRUTH_FAULT_DRIP:
        generation->is_dripping = true;
        return false;
    case TRUTH_FAULT_MIXED:
        generation_mix(generation);
        return false;
    case TRUTH_FAULT_NONE:
    case TRUTH_FAULT_STATUS:
    case TRUTH_FAULT_OUTAGE:
    case TRUTH_FAULT_NO_FINISH:
    case TRUTH_FAULT_NO_DONE:
    case TRUTH_FAULT_AFTER_DONE:
    case TRUTH_FAULT_USAGE:
    case TRUTH_FAULT_CROSSED:
    case TRUTH_FAULT_LATE:
        break;
    }
    return false;
}

void stream_start(struct generation *generation, uint64_t first_ns)
{
    const enum simulator_preamble preamble = generation->options->preamble;
    /* A reset before the first chunk comes before the head as well. */
    const bool is_silent = preamble == SIMULATOR_PREAMBLE_NONE ||
                           (generation->fault.kind == TRUTH_FAULT_RESET &&
                            generation->fault.after_chunks == 0);
    int r = 0;

    serve_request_on_drained(generation->request, on_drained, generation);
    if (!is_silent) {
        struct batch batch = batch_begin(generation->simulator);

        if (preamble == SIMULATOR_PREAMBLE_ROLE) {
            generation->is_role_sent = true;
            batch_add_mark(&batch, generation, TRUTH_ROLE, 0);
        }
        r = open_stream(generation, buf_str(batch.bytes), batch.bytes->len);
        if (r >= 0 && batch.count > 0)
            generation_note(generation, truth_log_stamp(generation->simulator->truth),
                            TRUTH_ROLE, generation->events++, 0);
    }
    if (r < 0)
        generation_end(generation, GENERATION_ABANDONED);
    else
        generation_set_due(generation, first_ns);
}

void stream_step(struct generation *generation, uint64_t now_ns)
{
    bool is_malformed = false;

    if (generation->is_dripping && generation->drip_at < generation->drip.len) {
        drip(generation);
        return;
    }
    if (generation->fault.kind != TRUTH_FAULT_NONE &&
        generation->chunks == generation->fault.after_chunks &&
        strike(generation, now_ns, &is_malformed))
        return;
    send_chunk(generation, is_malformed, now_ns);
}

#include "simulator/stream.h"

#include <string.h>

#include "base/cleanup.h"
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

static void batch_add(struct batch *batch, const struct generation *generation,
                      enum truth_kind kind, const struct buf *text, uint64_t tokens)
{
    generation->format->write_event(generation, kind, text ? buf_str(text) : "",
                                    text ? text->len : 0, batch->bytes);
    batch->events[batch->count].kind = kind;
    batch->events[batch->count].tokens = tokens;
    batch->count++;
}

/* Sends the head, with the first bytes in the same write (len 0: alone). */
static int open_stream(struct generation *generation, const char *bytes, size_t len)
{
    /* What comes before the answer's id is the prefix of its format. */
    const char *request_id = generation->id + strlen(generation->format->id_prefix);
    const struct serve_header headers[] = {
        {"content-type", "text/event-stream; charset=utf-8"},
        {"cache-control", "no-cache"},
        {"x-request-id", request_id},
    };
    const struct truth_stamp stamp = truth_log_stamp(generation->simulator->truth);
    const int r = serve_stream_open(generation->request, 200, headers, COUNT_OF(headers),
                                    bytes, len);

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
    generation->due_ns += generation_draw_gap_ns(generation);
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
    static const struct exchange_error error = {500, "server_error", NULL, NULL};
    struct batch batch = batch_begin(generation->simulator);

    buf_append_str(batch.bytes, "data: ");
    exchange_write_error(batch.bytes, error,
                         "The server had an error while processing your request. Sorry "
                         "about that!");
    buf_append_str(batch.bytes, "\n\n");
    send_batch(generation, &batch, true, GENERATION_BROKEN);
}

/* What follows the last chunk, but for what a flaw leaves out or adds. */
static void add_end(struct batch *batch, const struct generation *generation)
{
    if (generation->flaw != TRUTH_FAULT_NO_FINISH)
        batch_add(batch, generation, TRUTH_FINISH, NULL, 0);
    if (generation->include_usage)
        batch_add(batch, generation, TRUTH_USAGE, NULL, 0);
    if (generation->flaw != TRUTH_FAULT_NO_DONE)
        batch_add(batch, generation, TRUTH_DONE, NULL, 0);
    if (generation->flaw == TRUTH_FAULT_AFTER_DONE)
        batch_add(batch, generation, TRUTH_FINISH, NULL, 0);
}

/* The chunk that is due, with what comes before the first and after the last. */
static void send_chunk(struct generation *generation, bool is_malformed, uint64_t now_ns)
{
    struct simulator *simulator = generation->simulator;
    struct batch batch = batch_begin(simulator);
    enum truth_kind kind;
    bool is_last;
    uint64_t tokens;
    size_t begin;

    if (!generation->is_role_sent) {
        generation->is_role_sent = true;
        batch_add(&batch, generation, TRUTH_ROLE, NULL, 0);
    }
    buf_clear(&simulator->text);
    tokens = generation_take_words(generation, &kind, &simulator->text);
    generation_count_tokens(generation, tokens, now_ns);
    begin = batch.bytes->len;
    batch_add(&batch, generation, kind, &simulator->text, tokens);
    if (is_malformed && buf_error(batch.bytes) == 0) {
        /* Half of the event, still ended by a blank line: broken JSON in an intact stream. */
        batch.bytes->len = begin + (batch.bytes->len - begin) / 2;
        buf_append_str(batch.bytes, "\n\n");
    }
    generation->chunks++;
    simulator->counts.chunks++;
    is_last = generation->reasoning_left + generation->content_left == 0;
    if (is_last)
        add_end(&batch, generation);
    send_batch(generation, &batch, is_last, GENERATION_ANSWERED);
}

/* The fault's moment has come. Returns whether it is all that happens now. */
static bool strike(struct generation *generation, uint64_t now_ns, bool *ret_is_malformed)
{
    const struct simulator_options *options = generation->simulator->options;
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
        break;
    }
    return false;
}

void stream_start(struct generation *generation, uint64_t first_ns)
{
    const enum simulator_preamble preamble = generation->simulator->options->preamble;
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
            batch_add(&batch, generation, TRUTH_ROLE, NULL, 0);
        }
        r = open_stream(generation, buf_str(batch.bytes), batch.bytes->len);
        if (r >= 0 && preamble == SIMULATOR_PREAMBLE_ROLE)
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

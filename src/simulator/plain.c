#include "simulator/plain.h"

#include <string.h>

#include "base/cleanup.h"
#include "simulator/instance.h"

/* A million tokens of the longest word, and what surrounds them. */
#define BODY_BYTES_MAX (16 * 1024 * 1024)

void plain_start(struct generation *generation, uint64_t first_ns)
{
    const uint64_t each = generation->simulator->options->tokens_per_chunk;
    const uint64_t chunks = (generation->reasoning_tokens + each - 1) / each +
                            (generation->content_tokens + each - 1) / each;
    uint64_t due_ns = first_ns;

    /* Nobody sees them, but a server knows of its tokens as they are made. */
    generation_count_tokens(generation, 0, first_ns);
    for (uint64_t i = 1; i < chunks; i++) {
        due_ns += generation_draw_gap_ns(generation);
        generation_count_tokens(generation, 0, due_ns);
    }
    generation_set_due(generation, due_ns);
}

/* Makes the body. Returns 0; -ENOMEM; -EMSGSIZE. */
static int write_body(struct generation *generation, struct buf *body)
{
    CLEANUP(buf_deinit) struct buf reasoning = BUF_INIT(BODY_BYTES_MAX);
    CLEANUP(buf_deinit) struct buf text = BUF_INIT(BODY_BYTES_MAX);
    enum truth_kind kind;

    while (generation->reasoning_left > 0)
        generation_take_words(generation, &kind, &reasoning);
    while (generation->content_left > 0)
        generation_take_words(generation, &kind, &text);
    if (buf_error(&reasoning) < 0)
        return buf_error(&reasoning);
    if (buf_error(&text) < 0)
        return buf_error(&text);
    generation->format->write_body(generation, &reasoning, &text, body);
    return buf_error(body);
}

static void send_body(struct generation *generation, const struct buf *body, size_t len)
{
    const struct serve_header headers[] = {
        {"content-type", "application/json"},
        {"x-request-id", generation->id + strlen(generation->format->id_prefix)},
    };
    const struct truth_stamp stamp = truth_log_stamp(generation->simulator->truth);

    serve_answer(generation->request, 200, headers, COUNT_OF(headers), buf_str(body),
                 len);
    generation_note(generation, stamp, TRUTH_BODY,
                    (uint32_t)(generation->reasoning_tokens + generation->content_tokens),
                    0);
}

/* Breaks the answer as the fault demands. Returns false for one that plain answers do not have. */
static bool strike(struct generation *generation, uint64_t now_ns)
{
    const struct simulator_options *options = generation->simulator->options;
    const enum truth_fault kind = generation->fault.kind;

    generation->fault.kind = TRUTH_FAULT_NONE;
    switch (kind) {
    case TRUTH_FAULT_RESET:
        serve_abort(generation->request, SERVE_ABORT_RESET);
        break;
    case TRUTH_FAULT_TRUNCATE:
        if (serve_stream_open(generation->request, 200, NULL, 0, "{\"id\":", 6) >= 0)
            serve_abort(generation->request, SERVE_ABORT_CLOSE);
        break;
    case TRUTH_FAULT_STALL:
        generation_note(generation, truth_log_stamp(generation->simulator->truth),
                        TRUTH_FAULT, (uint32_t)kind, 0);
        generation->state = GENERATION_STALLED;
        if (options->stall_for_ns != SIMULATOR_FOREVER)
            generation_set_due(generation, now_ns + options->stall_for_ns);
        return true;
    case TRUTH_FAULT_MALFORMED:
        generation->fault.kind = kind;
        return false;
    case TRUTH_FAULT_NONE:
    case TRUTH_FAULT_STATUS:
    case TRUTH_FAULT_OUTAGE:
    case TRUTH_FAULT_STREAM_ERROR:
    case TRUTH_FAULT_DRIP:
    case TRUTH_FAULT_NO_FINISH:
    case TRUTH_FAULT_NO_DONE:
    case TRUTH_FAULT_AFTER_DONE:
    case TRUTH_FAULT_USAGE:
    case TRUTH_FAULT_CROSSED:
    case TRUTH_FAULT_MIXED:
        return false;
    }
    generation_note(generation, truth_log_stamp(generation->simulator->truth),
                    TRUTH_FAULT, (uint32_t)kind, 0);
    generation_end(generation, GENERATION_BROKEN);
    return true;
}

void plain_finish(struct generation *generation, uint64_t now_ns)
{
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(BODY_BYTES_MAX);
    size_t len;

    if (generation->fault.kind != TRUTH_FAULT_NONE && strike(generation, now_ns))
        return;
    if (write_body(generation, &body) < 0) {
        serve_abort(generation->request, SERVE_ABORT_RESET);
        generation_end(generation, GENERATION_ABANDONED);
        return;
    }
    len = body.len;
    if (generation->fault.kind == TRUTH_FAULT_MALFORMED) {
        generation_note(generation, truth_log_stamp(generation->simulator->truth),
                        TRUTH_FAULT, TRUTH_FAULT_MALFORMED, 0);
        len /= 2;
    }
    generation->simulator->vllm.generation_tokens +=
        generation->reasoning_tokens + generation->content_tokens;
    send_body(generation, &body, len);
    generation_end(generation, GENERATION_ANSWERED);
}

#include "simulator/plain.h"

#include "base/cleanup.h"
#include "simulator/instance.h"
#include "simulator/reply.h"

/* A million tokens of the longest word, and what surrounds them. */
#define BODY_BYTES_MAX (16 * 1024 * 1024)

void plain_start(struct generation *generation, uint64_t first_ns)
{
    const uint64_t chunks = generation_chunk_count(generation);
    uint64_t due_ns = first_ns;

    /* Nobody sees them, but a server knows of its tokens as they are made. */
    generation_count_tokens(generation, 0, first_ns);
    for (uint64_t i = 1; i < chunks; i++) {
        due_ns += generation_draw_gap_ns(generation);
        generation_count_tokens(generation, 0, due_ns);
    }
    generation_set_due(generation, due_ns);
}

static void on_ended(void *ctx, enum reply_end end)
{
    struct generation *generation = ctx;

    switch (end) {
    case REPLY_SENT:
        generation_end(generation, GENERATION_ANSWERED);
        break;
    case REPLY_BROKEN:
        generation_end(generation, GENERATION_BROKEN);
        break;
    case REPLY_GONE:
        generation_end(generation, GENERATION_ABANDONED);
        break;
    }
}

void plain_finish(struct generation *generation)
{
    CLEANUP(buf_deinit) struct buf body = BUF_INIT(BODY_BYTES_MAX);
    const struct truth_stamp stamp = truth_log_stamp(generation->simulator->truth);
    struct head head;

    generation->format->write_body(generation, &body);
    if (buf_error(&body) < 0) {
        serve_abort(generation->request, SERVE_ABORT_RESET);
        generation_end(generation, GENERATION_ABANDONED);
        return;
    }
    generation->simulator->vllm.generation_tokens +=
        generation->reasoning_tokens + generation->content_tokens;
    generation_head(generation, "application/json", &head);
    if (generation->fault.kind == TRUTH_FAULT_NONE)
        generation_note(
            generation, stamp, TRUTH_BODY,
            (uint32_t)(generation->reasoning_tokens + generation->content_tokens), 0);
    reply_begin(&(struct reply_spec){
        .simulator = generation->simulator,
        .request = generation->request,
        .number = generation->number,
        .status = 200,
        .head = &head,
        .body = buf_str(&body),
        .len = body.len,
        .fault = generation->fault,
        .ended = on_ended,
        .ctx = generation,
    });
}

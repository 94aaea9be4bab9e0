#include "simulator/generation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "simulator/distribution.h"
#include "simulator/instance.h"
#include "simulator/outline.h"
#include "simulator/plain.h"
#include "simulator/stream.h"

#define PREFIX_BYTES_MAX (8 * 1024)
#define DRIP_BYTES_MAX PIECE_BYTES_MAX

static struct generation *generation_free(struct generation *generation)
{
    if (!generation)
        return NULL;
    spending_settle(&generation->charge, generation->simulator->options, 0, 0);
    free(generation->id);
    free(generation->other_id);
    free(generation->model);
    json_decref(generation->body);
    buf_deinit(&generation->prefix);
    buf_deinit(&generation->drip);
    free(generation);
    return NULL;
}

DEFINE_CLEANUP(struct generation, generation_free)

void generation_count_tokens(struct generation *generation, uint64_t tokens,
                             uint64_t now_ns)
{
    struct vllm *vllm = &generation->simulator->vllm;

    vllm->generation_tokens += tokens;
    if (generation->last_out_ns == 0)
        vllm_observe(vllm, VLLM_TTFT, generation->arrived_ns, now_ns);
    else
        vllm_observe(vllm, VLLM_ITL, generation->last_out_ns, now_ns);
    generation->last_out_ns = now_ns;
}

/* What vLLM does not call a success is in none of its reasons. */
static void count_end(const struct generation *generation, enum generation_end end)
{
    struct vllm *vllm = &generation->simulator->vllm;

    if (end == GENERATION_ABANDONED)
        vllm->finished[VLLM_ABORT]++;
    if (end != GENERATION_ANSWERED)
        return;
    vllm->finished[generation->is_cut ? VLLM_LENGTH : VLLM_STOP]++;
    vllm_observe(vllm, VLLM_E2E, generation->arrived_ns, clock_mono_ns());
}

/* What was made of it is paid for, whether or not its end was reached. */
static void settle(struct generation *generation, enum generation_end end)
{
    uint64_t completion = generation->reasoning_tokens + generation->content_tokens;

    if (generation->state == GENERATION_WAITING)
        return;
    if (end != GENERATION_ANSWERED && generation->is_stream)
        completion -= generation->reasoning_left + generation->content_left;
    spending_settle(&generation->charge, generation->simulator->options,
                    generation->prompt_tokens, completion);
}

void generation_end(struct generation *generation, enum generation_end end)
{
    struct simulator *simulator = generation->simulator;
    struct list *next = NULL;

    count_end(generation, end);
    settle(generation, end);
    switch (end) {
    case GENERATION_ANSWERED:
        simulator->counts.answered++;
        break;
    case GENERATION_BROKEN:
        simulator->counts.broken++;
        break;
    case GENERATION_ABANDONED:
        simulator->counts.abandoned++;
        generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_GONE, 0, 0);
        break;
    }
    simulator_pacer_clear(&simulator->pacer, &generation->timer);
    if (list_is_empty(&generation->turn))
        next = capacity_release(&simulator->capacity);
    else
        capacity_leave(&simulator->capacity, &generation->turn);
    generation_free(generation);
    /*
     * The turn of the next begins on a timer that is due at once: the write of its head may fail,
     * which ends it and begins the turn of the one behind it, and so on.
     */
    if (next)
        generation_set_due(LIST_ENTRY(next, struct generation, turn), clock_mono_ns());
}

void generation_note(const struct generation *generation, struct truth_stamp stamp,
                     enum truth_kind kind, uint32_t index, uint16_t tokens)
{
    truth_log_note(generation->simulator->truth, stamp, generation->number, kind, index,
                   tokens);
}

void generation_set_due(struct generation *generation, uint64_t due_ns)
{
    generation->due_ns = due_ns;
    simulator_pacer_set(&generation->simulator->pacer, &generation->timer, due_ns);
}

uint64_t generation_draw_gap_ns(struct generation *generation)
{
    return distribution_draw_ns(&generation->options->gap, &generation->times);
}

void generation_head(const struct generation *generation, const char *content_type,
                     struct head *head)
{
    /* What comes before the answer's id is the prefix of its format. */
    head_init(head, content_type, generation->id + strlen(generation->format->id_prefix));
    quota_add_fields(&generation->standing, head);
}

static void on_gone(void *ctx)
{
    generation_end(ctx, GENERATION_ABANDONED);
}

/* Its turn has come: the time to the first token begins. */
static void start(struct generation *generation, uint64_t now_ns)
{
    struct simulator *simulator = generation->simulator;
    const struct simulator_options *options = generation->options;
    uint64_t ttft_ns = distribution_draw_ns(&options->ttft, &generation->times) +
                       generation->prompt_tokens * options->prefill_ns;

    ttft_ns +=
        fault_stall_ns(options, generation->service, now_ns - simulator->started_ns);
    generation->state = GENERATION_STARTING;
    simulator->vllm.prompt_tokens += generation->prompt_tokens;
    simulator->vllm.cached_tokens += generation->cached_tokens;
    vllm_observe(&simulator->vllm, VLLM_QUEUE, generation->arrived_ns, now_ns);
    generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_ADMITTED, 0, 0);
    if (generation->flaw != TRUTH_FAULT_NONE)
        generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_FAULT,
                        (uint32_t)generation->flaw, 0);
    if (generation->fault.kind == TRUTH_FAULT_LATE) {
        generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_FAULT,
                        TRUTH_FAULT_LATE, 0);
        ttft_ns += generation->fault.late_ns;
        generation->fault.kind = TRUTH_FAULT_NONE;
    }
    if (generation->is_stream)
        stream_start(generation, now_ns + ttft_ns);
    else
        plain_start(generation, now_ns + ttft_ns);
}

static void on_due(struct pacer_timer *timer, uint64_t now_ns)
{
    struct generation *generation = LIST_ENTRY(timer, struct generation, timer);

    switch (generation->state) {
    case GENERATION_WAITING:
        start(generation, now_ns);
        break;
    case GENERATION_STARTING:
    case GENERATION_STREAMING:
    case GENERATION_STALLED:
        if (generation->is_stream)
            stream_step(generation, now_ns);
        else
            plain_finish(generation);
        break;
    case GENERATION_BLOCKED: /* no timer is set */
        break;
    }
}

static char *id_of(const struct generation_format *format, const char *request_id)
{
    CLEANUP(buf_deinit) struct buf id = BUF_INIT(1024);

    buf_append_str(&id, format->id_prefix);
    buf_append_str(&id, request_id);
    return buf_take(&id);
}

static void make_prefix(struct generation *generation)
{
    if (generation->format->write_prefix)
        generation->format->write_prefix(generation, &generation->prefix);
}

void generation_mix(struct generation *generation)
{
    free(generation->id);
    generation->id = TAKE(generation->other_id);
    buf_clear(&generation->prefix);
    make_prefix(generation);
}

/* So that a later answer can be crossed or mixed with this one. */
static void remember(struct simulator *simulator, const struct exchange *exchange,
                     const struct generation_spec *spec)
{
    memcpy(simulator->last_id, exchange->id, sizeof(simulator->last_id));
    simulator->last_content_hash = spec->content_hash;
}

static int generation_new(const struct exchange *exchange,
                          const struct generation_spec *spec,
                          struct generation **ret_generation)
{
    struct simulator *simulator = exchange->simulator;
    const struct simulator_options *options =
        simulator_options_of(simulator->options, spec->model);
    CLEANUP(generation_freep) struct generation *generation = malloc(sizeof(*generation));
    bool crossed = false;
    int r;

    if (!generation)
        return -ENOMEM;
    *generation = (struct generation){
        .simulator = simulator,
        .options = options,
        .request = exchange->request,
        .format = spec->format,
        .timer = {.fn = on_due},
        .state = GENERATION_WAITING,
        .number = exchange->number,
        .service = exchange->service,
        .body = json_incref(spec->body),
        .created_s = clock_wall_ns() / NS_PER_S,
        .arrived_ns = exchange->now_ns,
        .prompt_tokens = spec->prompt_tokens,
        .cached_tokens = (uint64_t)((double)spec->prompt_tokens * options->cached),
        .is_stream = spec->is_stream,
        .include_usage = spec->include_usage,
        .fault = exchange->fault,
        .standing = exchange->standing,
        .prefix = BUF_INIT(PREFIX_BYTES_MAX),
        .drip = BUF_INIT(DRIP_BYTES_MAX),
    };
    list_init(&generation->turn);
    rng_init(&generation->times, options->seed, exchange->number, STREAM_TIMES,
             RNG_SIMULATOR);
    outline_take_flaw(generation);
    crossed = generation->flaw == TRUTH_FAULT_CROSSED;
    rng_init(&generation->lexicon, options->seed,
             crossed ? simulator->last_content_hash : spec->content_hash, STREAM_WORDS,
             RNG_SIMULATOR);
    outline_draw(generation, spec);
    generation->id = id_of(spec->format, crossed ? simulator->last_id : exchange->id);
    generation->other_id = id_of(spec->format, simulator->last_id);
    generation->model = strdup(spec->model);
    if (!*simulator->vllm.model)
        (void)snprintf(simulator->vllm.model, sizeof(simulator->vllm.model), "%s",
                       spec->model);
    if (!generation->id || !generation->other_id || !generation->model)
        return -ENOMEM;
    remember(simulator, exchange, spec);
    make_prefix(generation);
    if (buf_error(&generation->prefix) < 0)
        return buf_error(&generation->prefix);
    r = simulator_reserve_timer(simulator);
    if (r < 0)
        return r;
    generation->charge =
        spending_reserve(exchange, spending_price_pusd(options, generation->prompt_tokens,
                                                       generation->reasoning_tokens +
                                                           generation->content_tokens));
    *ret_generation = TAKE(generation);
    return 0;
}

/* What OpenAI counts against the limit of tokens: a request's answer is not known yet. */
static uint64_t tokens_asked(const struct generation_spec *spec)
{
    const bool is_limited = spec->max_tokens != UINT64_MAX;

    return is_limited && spec->max_tokens > spec->prompt_tokens ? spec->max_tokens
                                                                : spec->prompt_tokens;
}

void generation_begin(struct exchange *exchange, const struct generation_spec *spec)
{
    struct simulator *simulator = exchange->simulator;
    CLEANUP(generation_freep) struct generation *generation = NULL;
    struct generation *begun;

    if (exchange->awaits_fault &&
        exchange_is_struck(exchange,
                           simulator_options_of(simulator->options, spec->model)))
        return;
    if (!spending_admits(exchange) || !quota_admits(exchange, tokens_asked(spec)))
        return;
    if (generation_new(exchange, spec, &generation) < 0) {
        exchange_refuse_status(exchange, 500);
        return;
    }
    switch (capacity_take(&simulator->capacity, &generation->turn)) {
    case CAPACITY_FULL:
        exchange_refuse_status(exchange, simulator->options->queue_full_status);
        return;
    case CAPACITY_WAIT:
        serve_request_on_gone(exchange->request, on_gone, TAKE(generation));
        return;
    case CAPACITY_NOW:
        begun = TAKE(generation);
        serve_request_on_gone(exchange->request, on_gone, begun);
        start(begun, exchange->now_ns);
        return;
    }
}

#include "simulator/generation.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "simulator/distribution.h"
#include "simulator/instance.h"
#include "simulator/lexicon.h"
#include "simulator/plain.h"
#include "simulator/stream.h"

#define PREFIX_BYTES_MAX (8 * 1024)
#define DRIP_BYTES_MAX (128 * 1024)
/* No model answers more than this. */
#define TOKENS_MAX UINT64_C(1000000)

static struct generation *generation_free(struct generation *generation)
{
    if (!generation)
        return NULL;
    free(generation->id);
    free(generation->other_id);
    free(generation->model);
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

void generation_end(struct generation *generation, enum generation_end end)
{
    struct simulator *simulator = generation->simulator;
    struct list *next = NULL;

    count_end(generation, end);
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
    return distribution_draw_ns(&generation->simulator->options->gap, &generation->times);
}

uint64_t generation_take_words(struct generation *generation, enum truth_kind *ret_kind,
                               struct buf *out)
{
    const bool is_reasoning = generation->reasoning_left > 0;
    uint64_t *left =
        is_reasoning ? &generation->reasoning_left : &generation->content_left;
    const uint64_t most = generation->simulator->options->tokens_per_chunk;
    const uint64_t count = *left < most ? *left : most;

    *ret_kind = is_reasoning ? TRUTH_REASONING : TRUTH_CONTENT;
    for (uint64_t i = 0; i < count; i++) {
        /* The first word of the reasoning, and of the answer, has no space before it. */
        const uint64_t done = generation->words++;

        if (done != 0 && done != generation->reasoning_tokens)
            buf_append_char(out, ' ');
        buf_append_str(out, lexicon_draw(&generation->lexicon));
    }
    *left -= count;
    return count;
}

static void on_gone(void *ctx)
{
    generation_end(ctx, GENERATION_ABANDONED);
}

/* Its turn has come: the time to the first token begins. */
static void start(struct generation *generation, uint64_t now_ns)
{
    struct simulator *simulator = generation->simulator;
    const struct simulator_options *options = simulator->options;
    const uint64_t ttft_ns = distribution_draw_ns(&options->ttft, &generation->times) +
                             generation->prompt_tokens * options->prefill_ns;

    generation->state = GENERATION_STARTING;
    simulator->vllm.prompt_tokens += generation->prompt_tokens;
    vllm_observe(&simulator->vllm, VLLM_QUEUE, generation->arrived_ns, now_ns);
    generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_ADMITTED, 0, 0);
    if (generation->flaw != TRUTH_FAULT_NONE)
        generation_note(generation, truth_log_stamp(simulator->truth), TRUTH_FAULT,
                        (uint32_t)generation->flaw, 0);
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
            plain_finish(generation, now_ns);
        break;
    case GENERATION_BLOCKED: /* no timer is set */
        break;
    }
}

/* Draws how long the answer is, and cuts it as the request demands. */
static void draw_tokens(struct generation *generation, const struct generation_spec *spec)
{
    const struct simulator_options *options = generation->simulator->options;
    uint64_t reasoning =
        distribution_draw_count(&options->reasoning, &generation->lexicon);
    uint64_t content = distribution_draw_count(&options->tokens, &generation->lexicon);

    reasoning = reasoning < TOKENS_MAX ? reasoning : TOKENS_MAX;
    content = content < TOKENS_MAX ? content : TOKENS_MAX;
    if (content == 0)
        content = 1;
    if (spec->ignore_eos)
        content = spec->max_tokens < TOKENS_MAX ? spec->max_tokens : TOKENS_MAX;
    if (reasoning + content < spec->min_tokens)
        content =
            (spec->min_tokens < TOKENS_MAX ? spec->min_tokens : TOKENS_MAX) - reasoning;
    if (reasoning + content > spec->max_tokens) {
        generation->is_cut = true;
        reasoning = reasoning < spec->max_tokens ? reasoning : spec->max_tokens;
        content = spec->max_tokens - reasoning;
    }
    /* An end that only max_tokens brought is a cut too. */
    if (spec->ignore_eos)
        generation->is_cut = true;
    generation->reasoning_tokens = reasoning;
    generation->content_tokens = content;
    generation->reasoning_left = reasoning;
    generation->content_left = content;
}

/*
 * Takes a fault that is a flaw of the whole answer out of those that strike at a chunk. One that
 * this answer cannot have is forgotten.
 */
static void take_flaw(struct generation *generation)
{
    const enum truth_fault kind = generation->fault.kind;
    const bool has_other = generation->simulator->last_id[0] != '\0';
    const bool of_others = kind == TRUTH_FAULT_CROSSED || kind == TRUTH_FAULT_MIXED;
    const bool of_streams = kind == TRUTH_FAULT_NO_DONE ||
                            kind == TRUTH_FAULT_AFTER_DONE || kind == TRUTH_FAULT_MIXED;

    if (!fault_is_flaw(kind))
        return;
    if ((of_others && !has_other) || (of_streams && !generation->is_stream)) {
        generation->fault.kind = TRUTH_FAULT_NONE;
        return;
    }
    if (kind == TRUTH_FAULT_MIXED)
        return; /* it does strike at a chunk */
    generation->flaw = kind;
    generation->fault.kind = TRUTH_FAULT_NONE;
}

/* A fault strikes within the answer, however short that is. */
static void fit_fault(struct generation *generation)
{
    const uint64_t each = generation->simulator->options->tokens_per_chunk;
    const uint64_t chunks = (generation->reasoning_tokens + each - 1) / each +
                            (generation->content_tokens + each - 1) / each;

    if (generation->fault.after_chunks >= chunks)
        generation->fault.after_chunks = chunks - 1;
    /* The first chunk has the answer's own id, so that there is something to mix. */
    if (generation->fault.kind == TRUTH_FAULT_MIXED &&
        generation->fault.after_chunks == 0)
        generation->fault.after_chunks = 1;
}

static char *id_of(const struct generation_format *format, const char *request_id)
{
    CLEANUP(buf_deinit) struct buf id = BUF_INIT(1024);

    buf_append_str(&id, format->id_prefix);
    buf_append_str(&id, request_id);
    return buf_take(&id);
}

void generation_mix(struct generation *generation)
{
    free(generation->id);
    generation->id = TAKE(generation->other_id);
    buf_clear(&generation->prefix);
    generation->format->write_prefix(generation, &generation->prefix);
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
    const struct simulator_options *options = simulator->options;
    CLEANUP(generation_freep) struct generation *generation = malloc(sizeof(*generation));
    bool crossed = false;
    int r;

    if (!generation)
        return -ENOMEM;
    *generation = (struct generation){
        .simulator = simulator,
        .request = exchange->request,
        .format = spec->format,
        .timer = {.fn = on_due},
        .state = GENERATION_WAITING,
        .number = exchange->number,
        .created_s = clock_wall_ns() / NS_PER_S,
        .arrived_ns = exchange->now_ns,
        .prompt_tokens = spec->prompt_tokens,
        .cached_tokens = (uint64_t)((double)spec->prompt_tokens * options->cached),
        .is_stream = spec->is_stream,
        .include_usage = spec->include_usage,
        .fault = exchange->fault,
        .prefix = BUF_INIT(PREFIX_BYTES_MAX),
        .drip = BUF_INIT(DRIP_BYTES_MAX),
    };
    list_init(&generation->turn);
    rng_init(&generation->times, options->seed, exchange->number, 0, RNG_SIMULATOR);
    take_flaw(generation);
    crossed = generation->flaw == TRUTH_FAULT_CROSSED;
    rng_init(&generation->lexicon, options->seed,
             crossed ? simulator->last_content_hash : spec->content_hash, 1,
             RNG_SIMULATOR);
    draw_tokens(generation, spec);
    fit_fault(generation);
    generation->id = id_of(spec->format, crossed ? simulator->last_id : exchange->id);
    generation->other_id = id_of(spec->format, simulator->last_id);
    generation->model = strdup(spec->model);
    if (!*simulator->vllm.model)
        (void)snprintf(simulator->vllm.model, sizeof(simulator->vllm.model), "%s",
                       spec->model);
    if (!generation->id || !generation->other_id || !generation->model)
        return -ENOMEM;
    remember(simulator, exchange, spec);
    spec->format->write_prefix(generation, &generation->prefix);
    if (buf_error(&generation->prefix) < 0)
        return buf_error(&generation->prefix);
    /* Each generation has one timer. */
    r = simulator_pacer_reserve(&simulator->pacer, simulator->capacity.active +
                                                       simulator->capacity.waiting + 1);
    if (r < 0)
        return r;
    *ret_generation = TAKE(generation);
    return 0;
}

void generation_begin(const struct exchange *exchange, const struct generation_spec *spec)
{
    struct simulator *simulator = exchange->simulator;
    CLEANUP(generation_freep) struct generation *generation = NULL;
    struct generation *begun;

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

#include "simulator/outline.h"

#include "simulator/distribution.h"
#include "simulator/generation.h"
#include "simulator/instance.h"

/* No model answers more than this. */
#define TOKENS_MAX UINT64_C(1000000)

static uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Draws how long the answer is, and cuts it as the request demands. */
static void draw_tokens(struct generation *generation, const struct generation_spec *spec)
{
    const struct simulator_options *options = generation->options;
    uint64_t reasoning =
        distribution_draw_count(&options->reasoning, &generation->lexicon);
    uint64_t content = distribution_draw_count(&options->tokens, &generation->lexicon);

    reasoning = spec->no_reasoning ? 0 : least_of(reasoning, TOKENS_MAX);
    content = least_of(content, TOKENS_MAX);
    if (content == 0)
        content = 1;
    if (spec->ignore_eos)
        content = least_of(spec->max_tokens, TOKENS_MAX);
    if (reasoning + content < spec->min_tokens)
        content = least_of(spec->min_tokens, TOKENS_MAX) - reasoning;
    if (reasoning + content > spec->max_tokens) {
        generation->is_cut = true;
        reasoning = least_of(reasoning, spec->max_tokens);
        content = spec->max_tokens - reasoning;
    }
    /* An end that only max_tokens brought is a cut too. */
    if (spec->ignore_eos)
        generation->is_cut = true;
    generation->choices = spec->choices;
    generation->reasoning_tokens = reasoning;
    generation->content_tokens = content * spec->choices;
    generation->reasoning_left = generation->reasoning_tokens;
    generation->content_left = generation->content_tokens;
}

void outline_take_flaw(struct generation *generation)
{
    const enum truth_fault kind = generation->fault.kind;
    const struct generation_format *format = generation->format;
    const bool has_other = generation->simulator->last_id[0] != '\0';
    const bool is_of_others = kind == TRUTH_FAULT_CROSSED || kind == TRUTH_FAULT_MIXED;
    const bool is_of_ends = kind == TRUTH_FAULT_NO_DONE || kind == TRUTH_FAULT_AFTER_DONE;
    const bool is_of_streams = is_of_ends || kind == TRUTH_FAULT_MIXED;

    if (!fault_is_flaw(kind))
        return;
    if ((is_of_others && !has_other) || (is_of_streams && !generation->is_stream) ||
        (is_of_ends && !format->has_done) ||
        (kind == TRUTH_FAULT_MIXED && !format->names_chunks)) {
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
    const uint64_t chunks = generation_chunk_count(generation);

    if (generation->fault.after_chunks >= chunks)
        generation->fault.after_chunks = chunks - 1;
    /* The first chunk has the answer's own id, so that there is something to mix. */
    if (generation->fault.kind == TRUTH_FAULT_MIXED &&
        generation->fault.after_chunks == 0)
        generation->fault.after_chunks = 1;
}

void outline_draw(struct generation *generation, const struct generation_spec *spec)
{
    draw_tokens(generation, spec);
    fit_fault(generation);
    generation->retold = generation->lexicon;
}

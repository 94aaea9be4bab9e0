/* A portrait from samples.bin, and the gaps between chunks from histograms.hlog beside it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/hlog.h"
#include "result/portrait_made.h"
#include "result/sample_file.h"
#include "result/survival.h"

/* What is gathered of one model. */
struct sitting {
    char *name;                   /* owned; NULL: all together */
    struct portrait_model counts; /* shares and counts alone */
    struct survival ttft;
    struct survival whole_ns; /* of answers that did not stream */
    struct survival gaps;     /* the average of each answer */
    struct survival content;
    struct survival reasoning;
    struct survival fault_after;
    uint64_t tokens; /* of streamed answers, and their chunks */
    uint64_t chunks;
    double
        per_chunk_least; /* bounds of tokens per chunk, if all chunks are alike; 0: not known */
    double per_chunk_most;
    uint64_t prompt_tokens;
    uint64_t cached_tokens;
    uint64_t reasoning_tokens;
};

struct studio {
    struct sitting *sittings; /* owned; the first is all together */
    size_t count;
};

static void studio_deinit(struct studio *studio)
{
    for (size_t i = 0; i < studio->count; i++) {
        struct sitting *sitting = &studio->sittings[i];

        free(sitting->name);
        survival_deinit(&sitting->ttft);
        survival_deinit(&sitting->whole_ns);
        survival_deinit(&sitting->gaps);
        survival_deinit(&sitting->content);
        survival_deinit(&sitting->reasoning);
        survival_deinit(&sitting->fault_after);
    }
    free(studio->sittings);
}

/* The sitting of a name, made at first use. NULL: no memory. */
static struct sitting *sitting_of(struct studio *studio, const char *name)
{
    struct sitting *grown;
    char *copy = NULL;

    for (size_t i = 0; i < studio->count; i++) {
        const char *its = studio->sittings[i].name;

        if (name && its ? strcmp(name, its) == 0 : name == its)
            return &studio->sittings[i];
    }
    grown = reallocarray(studio->sittings, studio->count + 1, sizeof(*grown));
    if (grown)
        studio->sittings = grown;
    copy = name ? strdup(name) : NULL;
    if (!grown || (name && !copy)) {
        free(copy);
        return NULL;
    }
    grown[studio->count] = (struct sitting){.name = copy};
    return &grown[studio->count++];
}

/* --- One sample. --- */

/* What became of a request. */
enum fate {
    FATE_WHOLE,     /* the answer came to its end */
    FATE_WITHDRAWN, /* throng ended it: how it would have ended is not known */
    FATE_STATUS,    /* refused with a status */
    FATE_BROKEN,    /* a fault that a server can have */
    FATE_OTHER
};

/* ret_fault: where the fate is FATE_BROKEN. */
static enum fate fate_of(const struct sample *sample, enum portrait_fault *ret_fault)
{
    static const struct {
        enum outcome outcome;
        enum portrait_fault fault;
    } faults[] = {
        {OUTCOME_RESET, PORTRAIT_RESET},
        {OUTCOME_TRUNCATED, PORTRAIT_TRUNCATED},
        {OUTCOME_FIRST_TOKEN_TIMEOUT, PORTRAIT_STALLED},
        {OUTCOME_IDLE_TIMEOUT, PORTRAIT_STALLED},
        {OUTCOME_TOTAL_TIMEOUT, PORTRAIT_STALLED},
        {OUTCOME_MALFORMED_EVENT, PORTRAIT_MALFORMED},
        {OUTCOME_STREAM_ERROR, PORTRAIT_STREAM_ERROR},
    };

    if (outcome_is_withdrawn(sample->outcome))
        return FATE_WITHDRAWN;
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        if (faults[i].outcome == sample->outcome) {
            *ret_fault = faults[i].fault;
            return FATE_BROKEN;
        }
    }
    if (sample->status >= 400 && sample->status <= 599)
        return FATE_STATUS;
    return outcome_is_whole(sample->outcome) ? FATE_WHOLE : FATE_OTHER;
}

/* What an answer that came whole has wrong. PORTRAIT_FAULT_COUNT: nothing. */
static enum portrait_fault flaw_of(const struct sample *sample)
{
    static const struct {
        uint32_t flags;
        enum portrait_fault fault;
    } flaws[] = {
        {SAMPLE_CROSSED, PORTRAIT_CROSSED},
        {SAMPLE_MIXED_IDS, PORTRAIT_MIXED},
        {SAMPLE_USAGE_TOTAL | SAMPLE_USAGE_PARTS | SAMPLE_USAGE_ZERO,
         PORTRAIT_WRONG_USAGE},
        {SAMPLE_MISSING_DONE, PORTRAIT_NO_DONE},
        {SAMPLE_AFTER_DONE, PORTRAIT_AFTER_DONE},
    };

    for (size_t i = 0; i < COUNT_OF(flaws); i++)
        if (sample->flags & flaws[i].flags)
            return flaws[i].fault;
    return PORTRAIT_FAULT_COUNT;
}

static int observe(struct survival *survival, uint64_t value, uint64_t weight,
                   bool is_censored)
{
    return survival_add(survival, (struct observation){.least = (double)value,
                                                       .most = (double)value,
                                                       .weight = (double)weight,
                                                       .is_censored = is_censored});
}

static uint64_t since(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

/* The time to the first output; one that was broken off before it is known to be longer. */
static int observe_times(struct sitting *sitting, const struct sample *sample,
                         enum fate fate)
{
    const uint64_t from_ns = sample->wire_ns ? sample->wire_ns : sample->sent_ns;
    int r;

    if (!(sample->flags & SAMPLE_STREAMED)) {
        if (sample->end_ns == 0)
            return 0;
        return observe(&sitting->whole_ns, since(from_ns, sample->end_ns), 1,
                       fate != FATE_WHOLE);
    }
    if (sample->first_output_ns == 0)
        return sample->end_ns == 0
                   ? 0
                   : observe(&sitting->ttft, since(from_ns, sample->end_ns), 1, true);
    r = observe(&sitting->ttft, since(from_ns, sample->first_output_ns), 1, false);
    if (r == 0 && sample->chunks > 1 && !(sample->flags & SAMPLE_GENERATION_UNKNOWN))
        r = observe(&sitting->gaps,
                    since(sample->first_output_ns, sample->last_output_ns) /
                        (sample->chunks - 1),
                    sample->chunks - 1, false);
    return r;
}

/*
 * Where a server puts equally many tokens into all chunks but the last of the reasoning and of the
 * answer, each answer tells in between what: of t tokens in c chunks from t/c to t/(c − 1), or
 * t/(c − 2).
 */
static void observe_chunks(struct sitting *sitting, const struct sample *sample)
{
    const double tokens = (double)sample->completion_tokens;
    const uint32_t last_ones = sample->reasoning_tokens > 0 ? 2 : 1;

    if (sample->chunks == 0)
        return;
    sitting->tokens += sample->completion_tokens;
    sitting->chunks += sample->chunks;
    sitting->per_chunk_least = fmax(sitting->per_chunk_least, tokens / sample->chunks);
    if (sample->chunks > last_ones &&
        (sitting->per_chunk_most == 0 ||
         tokens / (sample->chunks - last_ones) < sitting->per_chunk_most))
        sitting->per_chunk_most = tokens / (sample->chunks - last_ones);
}

/* The average of all, where no number fits each answer. */
static double tokens_per_chunk_of(const struct sitting *sitting)
{
    if (sitting->chunks == 0 || sitting->tokens <= sitting->chunks)
        return 1;
    if (sitting->per_chunk_least <= sitting->per_chunk_most)
        return sitting->per_chunk_least;
    return (double)sitting->tokens / (double)sitting->chunks;
}

static int observe_tokens(struct sitting *sitting, const struct sample *sample,
                          enum fate fate)
{
    const uint64_t reasoning = sample->reasoning_tokens < sample->completion_tokens
                                   ? sample->reasoning_tokens
                                   : sample->completion_tokens;
    int r;

    if (sample->completion_tokens == 0)
        return 0;
    if (fate == FATE_WHOLE) {
        /* What was not told by the server is a guess, too rough to count chunks by. */
        if ((sample->flags & SAMPLE_STREAMED) && sample->token_source == TOKENS_USAGE)
            observe_chunks(sitting, sample);
        sitting->prompt_tokens += sample->prompt_tokens;
        sitting->cached_tokens += sample->cached_tokens;
    }
    sitting->reasoning_tokens += reasoning;
    r = observe(&sitting->content, sample->completion_tokens - reasoning, 1,
                fate != FATE_WHOLE);
    if (r == 0)
        r = observe(&sitting->reasoning, reasoning, 1, fate != FATE_WHOLE);
    return r;
}

static int study(struct sitting *sitting, const struct sample *sample)
{
    struct portrait_model *counts = &sitting->counts;
    enum portrait_fault fault = PORTRAIT_FAULT_COUNT;
    const enum fate fate = fate_of(sample, &fault);
    int r = 0;

    switch (fate) {
    case FATE_OTHER:
        counts->others++;
        return 0;
    case FATE_STATUS:
        counts->asked++;
        portrait_count_status(counts, sample->status, 1);
        return 0;
    case FATE_BROKEN:
        counts->asked++;
        counts->faults[fault]++;
        r = observe(&sitting->fault_after, sample->chunks, 1, false);
        /* What never came is the stall itself, and says nothing of other answers' times. */
        if (fault == PORTRAIT_STALLED && sample->first_output_ns == 0)
            return r;
        break;
    case FATE_WHOLE:
        counts->asked++;
        counts->whole++;
        fault = flaw_of(sample);
        if (fault != PORTRAIT_FAULT_COUNT)
            counts->faults[fault]++;
        break;
    case FATE_WITHDRAWN:
        break;
    }
    if (r == 0)
        r = observe_times(sitting, sample, fate);
    return r < 0 ? r : observe_tokens(sitting, sample, fate);
}

static int on_sample(void *ctx, const struct sample *sample, const struct labels *labels)
{
    const uint32_t wanted = SAMPLE_CHAT | SAMPLE_IN_WINDOW;
    const char *model = labels_value(labels, sample->labels, "model");
    struct studio *studio = ctx;
    struct sitting *sitting;
    int r;

    if ((sample->flags & wanted) != wanted || (sample->flags & SAMPLE_SLOW_READER))
        return 0;
    sitting = sitting_of(studio, NULL);
    r = sitting ? study(sitting, sample) : -ENOMEM;
    if (r < 0 || !model)
        return r;
    sitting = sitting_of(studio, model);
    return sitting ? study(sitting, sample) : -ENOMEM;
}

/* --- The portrait. --- */

struct bucket_reader {
    struct survival *gaps;
    int error;
};

static void on_bucket(void *ctx, uint64_t least_ns, uint64_t most_ns, uint64_t count)
{
    struct bucket_reader *reader = ctx;

    if (reader->error == 0)
        reader->error = survival_add(reader->gaps, (struct observation){
                                                       .least = (double)least_ns,
                                                       .most = (double)most_ns,
                                                       .weight = (double)count,
                                                   });
}

/* Puts the gaps that the histograms have in place of the answers' averages. */
static int read_gaps(const char *hlog, struct sitting *sitting)
{
    struct survival gaps = {0};
    struct bucket_reader reader = {.gaps = &gaps};
    int r = hlog_read(hlog, "icl", sitting->name, on_bucket, &reader);

    if (r == 0)
        r = reader.error;
    if (r < 0) {
        survival_deinit(&gaps);
        return r;
    }
    survival_deinit(&sitting->gaps);
    sitting->gaps = gaps;
    return 0;
}

static int draw_curves(struct sitting *sitting, struct portrait_model *model)
{
    const bool has_streams = sitting->ttft.uncensored > 0;
    int r = portrait_draw_curve(has_streams ? &sitting->ttft : &sitting->whole_ns,
                                &model->ttft_ns);

    if (r == 0 && has_streams)
        r = portrait_draw_curve(&sitting->gaps, &model->gap_ns);
    if (r == 0)
        r = portrait_draw_curve(&sitting->content, &model->content_tokens);
    if (r == 0 && sitting->reasoning_tokens > 0)
        r = portrait_draw_curve(&sitting->reasoning, &model->reasoning_tokens);
    return r < 0 ? r : portrait_draw_curve(&sitting->fault_after, &model->fault_after);
}

static int draw_model(struct portrait *portrait, struct sitting *sitting)
{
    struct portrait_model *model;
    int r = portrait_add_model(portrait, sitting->name, &model);

    if (r < 0)
        return r;
    sitting->counts.name = model->name;
    *model = sitting->counts;
    model->tokens_per_chunk = tokens_per_chunk_of(sitting);
    if (sitting->prompt_tokens > 0)
        model->cached = (double)sitting->cached_tokens / (double)sitting->prompt_tokens;
    return draw_curves(sitting, model);
}

int portrait_of_samples(const char *samples, const char *hlog, struct portrait *portrait)
{
    CLEANUP(studio_deinit) struct studio studio = {0};
    bool is_complete;
    int r = sample_file_read(samples, on_sample, &studio, &is_complete);
    size_t count = studio.count;

    if (r < 0)
        return r;
    if (count == 0 || studio.sittings[0].counts.whole == 0)
        return -ENODATA;
    if (count == 2)
        count = 1; /* one model is all together, whose histograms are finer */
    portrait->gaps = PORTRAIT_GAPS_CHUNKS;
    for (size_t i = 0; r == 0 && i < count; i++) {
        r = read_gaps(hlog, &studio.sittings[i]);
        if (r == -ENOMEM)
            return r;
        if (r < 0)
            portrait->gaps = PORTRAIT_GAPS_ANSWERS;
        r = draw_model(portrait, &studio.sittings[i]);
    }
    return r;
}

#include "measure/model_tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/dimension.h"
#include "measure/sample.h"

#define OTHER 0
/* Each stage has a sum and a count. */
#define STAGE_SERIES ((size_t)STAGE_COUNT * 2)

const char *stream_stage_name(enum stream_stage stage)
{
    static const char *const names[STAGE_COUNT] = {
        [STAGE_CONNECTING] = "connecting",
        [STAGE_QUEUE] = "queue",
        [STAGE_PROMPT_PROCESSING] = "prompt_processing",
        [STAGE_FIRST_OUTPUT] = "first_output",
        [STAGE_DECODING] = "decoding",
        [STAGE_CLOSING] = "closing",
    };

    return names[stage];
}

_Static_assert(SNAPSHOT_PROMPT_SIZES == PROMPT_SIZES, "one list of sizes");

const char *snapshot_prompt_size(size_t index)
{
    return dimension_prompt_size_at(index);
}

/* The buckets with the one for all, sum and count. */
static size_t series_of(enum buckets_kind kind)
{
    return buckets_scales[kind].bound_count + 3;
}

size_t model_tally_other_series(void)
{
    return STAGE_SERIES + PROMPT_SIZES * series_of(BUCKETS_TTFT) +
           2 * series_of(BUCKETS_TOKENS);
}

static bool take(size_t *series_left, size_t count)
{
    if (*series_left < count)
        return false;
    *series_left -= count;
    return true;
}

static int add(struct model_tally *tally, const char *model)
{
    if (tally->count == tally->cap) {
        const size_t cap = tally->cap ? tally->cap * 2 : 4;
        struct model_cell *cells = reallocarray(tally->cells, cap, sizeof(*tally->cells));

        if (!cells)
            return -ENOMEM;
        tally->cells = cells;
        tally->cap = cap;
    }
    tally->cells[tally->count++] = (struct model_cell){.model = model};
    return 0;
}

int model_tally_init(struct model_tally *tally)
{
    *tally = (struct model_tally){0};
    return add(tally, "other");
}

void model_tally_deinit(struct model_tally *tally)
{
    free(tally->cells);
    *tally = (struct model_tally){0};
}

int64_t model_tally_find(struct model_tally *tally, const char *model,
                         size_t *series_left)
{
    for (size_t i = OTHER + 1; i < tally->count; i++)
        if (strcmp(tally->cells[i].model, model) == 0)
            return (int64_t)i;
    if (!take(series_left, STAGE_SERIES))
        return OTHER;
    return add(tally, model) < 0 ? -ENOMEM : (int64_t)tally->count - 1;
}

/* Two clocks may be behind a span: what came out backwards is 0. */
static uint64_t span(uint64_t from_ns, uint64_t to_ns)
{
    return to_ns > from_ns ? to_ns - from_ns : 0;
}

static void add_stage(struct model_cell *cell, enum stream_stage stage, uint64_t time_ns)
{
    cell->stages[stage].count++;
    cell->stages[stage].sum_ns += time_ns;
}

static void add_stages(struct model_cell *cell, const struct sample *sample)
{
    const uint64_t first_ns = span(sample->wire_ns, sample->first_output_ns);
    const uint64_t told_ns = sample->server_prompt_ns;

    add_stage(cell, STAGE_CONNECTING, span(sample->sent_ns, sample->wire_ns));
    if (told_ns) {
        add_stage(cell, STAGE_QUEUE, span(told_ns + sample->rtt_min_ns, first_ns));
        add_stage(cell, STAGE_PROMPT_PROCESSING, told_ns);
    } else {
        add_stage(cell, STAGE_FIRST_OUTPUT, first_ns);
    }
    add_stage(cell, STAGE_DECODING,
              span(sample->first_output_ns, sample->last_output_ns));
    add_stage(cell, STAGE_CLOSING, span(sample->last_output_ns, sample->end_ns));
}

/* The cell's own buckets, where there is budget for their series; else those of "other". */
static struct buckets *pick(struct buckets *own, struct buckets *other,
                            enum buckets_kind kind, size_t *series_left)
{
    if (own == other || buckets_count(own) > 0 || take(series_left, series_of(kind)))
        return own;
    return other;
}

void model_tally_sample(struct model_tally *tally, size_t index,
                        const struct sample *sample, size_t *series_left)
{
    struct model_cell *cell = &tally->cells[index];
    struct model_cell *other = &tally->cells[OTHER];
    const bool streamed = sample->flags & SAMPLE_STREAMED;
    const size_t size = dimension_prompt_size_index(sample->prompt_tokens);

    if (streamed && !outcome_is_refusal(sample->outcome) && sample->first_output_ns &&
        sample->prompt_tokens)
        buckets_add(
            pick(&cell->ttft[size], &other->ttft[size], BUCKETS_TTFT, series_left),
            BUCKETS_TTFT, span(sample->sent_ns, sample->first_output_ns));
    if (sample->prompt_tokens)
        buckets_add(pick(&cell->prompt_tokens, &other->prompt_tokens, BUCKETS_TOKENS,
                         series_left),
                    BUCKETS_TOKENS, sample->prompt_tokens);
    if (sample->completion_tokens)
        buckets_add(pick(&cell->completion_tokens, &other->completion_tokens,
                         BUCKETS_TOKENS, series_left),
                    BUCKETS_TOKENS, sample->completion_tokens);
    if (streamed && outcome_is_whole(sample->outcome) && sample->chunks >= 2 &&
        sample->wire_ns && !(sample->flags & SAMPLE_GENERATION_UNKNOWN))
        add_stages(cell, sample);
}

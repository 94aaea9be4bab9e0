#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "measure/labels.h"
#include "measure/sample.h"
#include "result/sample_codec.h"
#include "result/sample_file.h"

struct flag {
    uint32_t bit;
    const char *name;
};

static const struct flag flags[] = {
    {SAMPLE_STREAMED, "streamed"},
    {SAMPLE_REUSED, "reused"},
    {SAMPLE_RESENT, "resent"},
    {SAMPLE_STAMPED, "stamped"},
    {SAMPLE_MISSING_DONE, "missing_done"},
    {SAMPLE_AFTER_DONE, "after_done"},
    {SAMPLE_IN_WINDOW, "in_window"},
    {SAMPLE_TTFT_BOUND, "ttft_bound"},
    {SAMPLE_SLOW_READER, "slow_reader"},
    {SAMPLE_OPEN_LOOP, "open_loop"},
    {SAMPLE_GENERATION_UNKNOWN, "generation_unknown"},
    {SAMPLE_CHAT, "chat"},
    {SAMPLE_MISSING_FINISH, "missing_finish"},
    {SAMPLE_CROSSED, "crossed"},
    {SAMPLE_MIXED_IDS, "mixed_ids"},
    {SAMPLE_USAGE_TOTAL, "usage_total"},
    {SAMPLE_USAGE_PARTS, "usage_parts"},
    {SAMPLE_USAGE_ZERO, "usage_zero"},
    {SAMPLE_INVALID_TEXT, "invalid_text"},
    {SAMPLE_REPLAYED, "replayed"},
    {SAMPLE_OVER_BUDGET, "over_budget"},
    {SAMPLE_REASONED, "reasoned"},
};

static void append_text(struct buf *out, const char *text)
{
    buf_append_char(out, '"');
    buf_append_json(out, text, strlen(text));
    buf_append_char(out, '"');
}

static void append_flags(struct buf *out, uint64_t set)
{
    const char *between = "";

    buf_append_char(out, '[');
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        if (!(set & flags[i].bit))
            continue;
        buf_append_str(out, between);
        append_text(out, flags[i].name);
        between = ",";
    }
    buf_append_char(out, ']');
}

static void append_labels(struct buf *out, const struct labels *labels, uint32_t id)
{
    size_t count = 0;
    const struct label *set = labels_of(labels, id, &count);

    buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buf_append_char(out, ',');
        append_text(out, set[i].key);
        buf_append_char(out, ':');
        append_text(out, set[i].value);
    }
    buf_append_char(out, '}');
}

static void append_value(struct buf *out, const struct sample_field *field,
                         uint64_t value, const struct labels *labels)
{
    switch (field->kind) {
    case SAMPLE_FIELD_NUMBER:
    case SAMPLE_FIELD_MOMENT:
        buf_printf(out, "%" PRIu64, value);
        break;
    case SAMPLE_FIELD_SIGNED:
        buf_printf(out, "%" PRId64, (int64_t)value);
        break;
    case SAMPLE_FIELD_FLAGS:
        append_flags(out, value);
        break;
    case SAMPLE_FIELD_OUTCOME:
        append_text(out, outcome_name((enum outcome)value));
        break;
    case SAMPLE_FIELD_SOURCE:
        append_text(out, value == TOKENS_USAGE ? "usage" : "estimated");
        break;
    case SAMPLE_FIELD_LABELS:
        append_labels(out, labels, (uint32_t)value);
        break;
    }
}

/* Pieces per second of the time from the first to the last output. */
static void append_rate(struct buf *out, const char *name, uint64_t pieces,
                        uint64_t over_ns)
{
    buf_printf(out, ",\"%s\":%.3f", name,
               (double)pieces * (double)NS_PER_S / (double)over_ns);
}

/* As doc/metrics.md defines tpot, the other way round. */
static void append_rates(struct buf *out, const struct sample *sample)
{
    const uint64_t first_ns = sample->first_output_ns;
    const uint64_t last_ns = sample->last_output_ns;

    if (!outcome_is_whole(sample->outcome) || sample->chunks < 2 || last_ns <= first_ns)
        return;
    append_rate(out, "chunks_per_s", sample->chunks - 1, last_ns - first_ns);
    if (sample->completion_tokens >= 2)
        append_rate(out, "decode_tps", sample->completion_tokens - 1, last_ns - first_ns);
}

/* The server's own word, else what is left of the time to the first output without the network. */
static void append_prompt_processing(struct buf *out, const struct sample *sample)
{
    const uint64_t arrived_ns = sample->wire_ns + sample->rtt_min_ns;

    if (sample->server_prompt_ns > 0)
        buf_printf(out,
                   ",\"prompt_processing_ns\":%" PRIu64
                   ",\"prompt_processing_source\":\"server\"",
                   sample->server_prompt_ns);
    else if (sample->wire_ns > 0 && sample->first_output_ns > arrived_ns &&
             !outcome_is_refusal(sample->outcome))
        buf_printf(out,
                   ",\"prompt_processing_ns\":%" PRIu64
                   ",\"prompt_processing_source\":\"estimate\"",
                   sample->first_output_ns - arrived_ns);
}

int sample_json_line(const struct sample *sample, const struct labels *labels,
                     struct buf *out)
{
    const struct sample_field *field = NULL;
    const char *between = "";

    buf_append_char(out, '{');
    for (size_t i = 0; (field = sample_field_at(i)) != NULL; i++) {
        const uint64_t value = sample_field_load(field, sample);

        if (field->kind == SAMPLE_FIELD_MOMENT && value == 0)
            continue;
        buf_append_str(out, between);
        append_text(out, field->name);
        buf_append_char(out, ':');
        append_value(out, field, value, labels);
        between = ",";
    }
    append_rates(out, sample);
    append_prompt_processing(out, sample);
    return buf_append_char(out, '}');
}

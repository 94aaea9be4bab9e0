#include "engine/integrity.h"

#include <string.h>

#include "api/reader.h"
#include "engine/ending.h"
#include "engine/request.h"
#include "measure/sample.h"

static uint32_t flag_if(bool holds, enum sample_flag flag)
{
    return holds ? (uint32_t)flag : 0;
}

static uint32_t usage_flags(const struct api_usage *usage, bool has_output)
{
    if (!usage->present)
        return 0;
    return flag_if(usage->total_told &&
                       usage->total_tokens !=
                           usage->prompt_tokens + usage->completion_tokens,
                   SAMPLE_USAGE_TOTAL) |
           flag_if(usage->cached_tokens > usage->prompt_tokens ||
                       usage->reasoning_tokens > usage->completion_tokens,
                   SAMPLE_USAGE_PARTS) |
           flag_if(usage->prompt_tokens == 0 || (usage->completion_tokens == 0 &&
                                                 has_output && !usage->prompt_only),
                   SAMPLE_USAGE_ZERO);
}

uint32_t integrity_flags(const struct sample *sample, const struct ending *ending,
                         const struct api_reader *reader)
{
    const bool streamed = ending->form == ANSWER_STREAM;
    /* It came to its own end, or was silent for so long behind it that nothing follows. */
    const bool ended = ending->end == TRANSFER_COMPLETE || ending->enough;
    const bool answered = ending->form == ANSWER_JSON
                              ? ending->outputs > 0
                              : streamed && sample->outcome == OUTCOME_TRUNCATED;
    const bool missing_finish = answered && ended && !reader->finished;

    return flag_if(missing_finish, SAMPLE_MISSING_FINISH) |
           flag_if(streamed && ended && ending->finished && !ending->done,
                   SAMPLE_MISSING_DONE) |
           flag_if(reader->after_done > 0, SAMPLE_AFTER_DONE) |
           flag_if(reader->other_ids > 0, SAMPLE_MIXED_IDS) |
           flag_if(reader->invalid_text > 0, SAMPLE_INVALID_TEXT) |
           (outcome_is_whole(sample->outcome)
                ? usage_flags(&reader->usage, ending->outputs > 0)
                : 0);
}

/* Skips digits and what stands behind them; NULL where there is no digit or something else. */
static const char *skip_number(const char *at, char behind)
{
    const size_t digits = at ? strspn(at, "0123456789") : 0;

    if (digits == 0 || at[digits] != behind)
        return NULL;
    return at + digits + (behind != '\0');
}

bool integrity_is_crossed(const char *run_id, const char *sent, const char *echo)
{
    const size_t len = strnlen(run_id, REQUEST_RUN_ID_BYTES);
    const char *rest = NULL;

    if (!echo || strcmp(echo, sent) == 0 || strncmp(echo, run_id, len) != 0 ||
        echo[len] != '-')
        return false;
    rest = skip_number(echo + len + 1, '-'); /* the worker */
    rest = skip_number(rest, '-');           /* the operation */
    return skip_number(rest, '\0') != NULL;  /* the attempt */
}

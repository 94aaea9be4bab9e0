/* Source: OpenAI API reference, "The chat completion object": usage. */
#include "simulator/usage.h"

#include <inttypes.h>

#include "base/buf.h"
#include "simulator/generation.h"

/* What a wrong usage has wrong: the total, a part or a zero, in turn. */
static void spoil(struct usage *usage, uint64_t number)
{
    switch (number % 3) {
    case 0:
        usage->total++;
        break;
    case 1:
        usage->cached = usage->prompt + 1;
        break;
    default:
        usage->total = usage->prompt;
        usage->completion = 0;
        usage->reasoning = 0;
        break;
    }
}

struct usage usage_of(const struct generation *generation)
{
    const uint64_t completion = generation->reasoning_tokens + generation->content_tokens;
    struct usage usage = {.prompt = generation->prompt_tokens,
                          .cached = generation->cached_tokens,
                          .completion = completion,
                          .reasoning = generation->reasoning_tokens,
                          .total = generation->prompt_tokens + completion};

    if (generation->flaw == TRUTH_FAULT_USAGE)
        spoil(&usage, generation->number);
    return usage;
}

void usage_write(const struct usage *usage, struct buf *out)
{
    buf_printf(out,
               "\"usage\":{\"prompt_tokens\":%" PRIu64 ",\"completion_tokens\":%" PRIu64
               ",\"total_tokens\":%" PRIu64 ",\"prompt_tokens_details\":{"
               "\"cached_tokens\":%" PRIu64 ",\"audio_tokens\":0},"
               "\"completion_tokens_details\":{\"reasoning_tokens\":%" PRIu64
               ",\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
               "\"rejected_prediction_tokens\":0}}",
               usage->prompt, usage->completion, usage->total, usage->cached,
               usage->reasoning);
}

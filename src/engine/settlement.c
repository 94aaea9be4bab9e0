#include "engine/settlement.h"

#include <string.h>

#include "api/dialect.h"
#include "engine/attempt.h"
#include "engine/detail.h"
#include "engine/ending.h"
#include "engine/integrity.h"
#include "engine/mcp_session.h"
#include "engine/parts.h"
#include "measure/cost.h"
#include "measure/recorder.h"
#include "workload/conversation.h"

static uint64_t estimate_completion(const struct attempt *attempt)
{
    uint64_t words = api_estimate_tokens(attempt->answer.len);

    if (!attempt->dialect || !attempt->dialect->generates)
        return 0;
    if (attempt->reader.answer)
        words = api_estimate_tokens(conversation_bytes(attempt->conversation) -
                                    attempt->answer_from_bytes);
    return words > attempt->sample.chunks ? words : attempt->sample.chunks;
}

/* Tokens as the server counted them, else as the words suggest. */
static void count_tokens(struct attempt *attempt)
{
    const struct api_usage *usage = &attempt->reader.usage;
    struct sample *sample = &attempt->sample;

    if (usage->present) {
        sample->token_source = TOKENS_USAGE;
        sample->prompt_tokens = usage->prompt_tokens;
        sample->cached_tokens = usage->cached_tokens;
        sample->completion_tokens = usage->completion_tokens;
        sample->reasoning_tokens = usage->reasoning_tokens;
    } else if (attempt->ending.outputs > 0) {
        sample->prompt_tokens = api_estimate_tokens(attempt->prompt_bytes);
        sample->completion_tokens = estimate_completion(attempt);
    }
    if (attempt->model)
        sample->cost_pusd =
            cost_of(attempt->model, sample->prompt_tokens, sample->cached_tokens,
                    sample->completion_tokens, sample->reasoning_tokens);
}

/* How near what was said, and what was answered, came to the lengths that were asked for. */
static void note_lengths(const struct attempt *attempt)
{
    struct recorder *recorder = attempt->engine->recorder;
    const struct sample *sample = &attempt->sample;
    const struct turn *turn = &attempt->turn;

    if (sample->token_source != TOKENS_USAGE || !outcome_is_whole(sample->outcome))
        return;
    if (turn->prompt_tokens > 0)
        recorder_length(recorder, LENGTH_OF_PROMPTS, turn->prompt_tokens,
                        sample->prompt_tokens);
    if (turn->output_tokens > 0 && attempt->dialect && attempt->dialect->generates)
        recorder_length(recorder, LENGTH_OF_ANSWERS, turn->output_tokens,
                        sample->completion_tokens);
}

/* The answer stays in the conversation if it is one; else the question goes too. */
static void settle_conversation(struct attempt *attempt)
{
    struct conversation *conversation = attempt->conversation;

    attempt->conversation = NULL;
    if (!conversation)
        return;
    if (!attempt->reader.answer)
        conversation_deinit(conversation); /* it stood alone */
    else if (!outcome_is_whole(attempt->sample.outcome))
        conversation_drop_turn(conversation);
}

/* OpenAI's word for it, which others have taken over: waiting will not help. */
static bool is_over_budget(const struct attempt *attempt)
{
    static const char word[] = "insufficient_quota";

    return attempt->answer.len > 0 &&
           memmem(attempt->answer.bytes, attempt->answer.len, word, sizeof(word) - 1);
}

void settlement_make(struct attempt *attempt, uint64_t end_ns)
{
    struct engine *engine = attempt->engine;
    const struct ending *ending = &attempt->ending;
    struct sample *sample = &attempt->sample;

    sample->status = ending->status;
    sample->end_ns = end_ns;
    sample->outcome = ending_outcome(ending);
    sample->flags |= integrity_flags(sample, ending, &attempt->reader);
    if (sample->outcome == OUTCOME_RATE_LIMITED && is_over_budget(attempt))
        sample->flags |= SAMPLE_OVER_BUDGET;
    sample->server_prompt_ns = attempt->reader.prompt_ns;
    count_tokens(attempt);
    settle_conversation(attempt);
    mcp_session_settle(attempt);
    circuits_over(&engine->circuits, &attempt->circuit, sample->outcome, end_ns);
    if (!attempt->step->unmeasured) {
        recorder_sample(engine->recorder, sample);
        note_lengths(attempt);
        engine->observer.on_sample(engine->observer.ctx, sample);
        detail_tell(attempt);
        engine_ask_stop(engine, limits_over(&engine->limits, sample, attempt->worst_pusd),
                        end_ns);
    } else if (outcome_is_failure(sample->outcome)) {
        detail_note(attempt);
    }
    if (engine->observer.on_bodies)
        detail_tell_bodies(attempt);
}

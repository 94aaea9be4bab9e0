#include "measure/turns.h"

#include "base/histogram.h"

void turns_deinit(struct turns *turns)
{
    for (size_t i = 0; i < RECORDER_TURNS; i++)
        turns->each[i].ttft = histogram_free(turns->each[i].ttft);
}

static bool add_ttft(struct turn *turn, const struct observation *ttft)
{
    if (!turn->ttft && histogram_new(HISTOGRAM_COARSE, &turn->ttft) < 0)
        return false;
    if (ttft->censored)
        histogram_record_censored(turn->ttft, ttft->value_ns);
    else
        histogram_record(turn->ttft, ttft->value_ns);
    return true;
}

bool turns_add(struct turns *turns, const struct sample *sample,
               const struct observation *observations, size_t count)
{
    const uint32_t number = sample->turn < RECORDER_TURNS ? sample->turn : RECORDER_TURNS;
    struct turn *turn;

    if (number == 0)
        return true;
    turn = &turns->each[number - 1];
    turn->requests++;
    turn->prompts += sample->prompt_tokens > 0;
    turn->prompt_tokens += sample->prompt_tokens;
    for (size_t i = 0; i < count; i++) {
        if (observations[i].metric == METRIC_TTFT)
            return add_ttft(turn, &observations[i]);
    }
    return true;
}

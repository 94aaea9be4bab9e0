#include "measure/cost.h"

#include "plan/plan.h"

__extension__ typedef unsigned __int128 uint128;

/* More than the text: role, separators and the template's marks of one message. */
#define TOKENS_PER_MESSAGE 16

static uint64_t min_u64(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int64_t max_i64(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t price(uint64_t tokens, int64_t pusd)
{
    int64_t cost;

    return __builtin_mul_overflow(tokens, pusd, &cost) ? INT64_MAX : cost;
}

int64_t cost_sum(int64_t a, int64_t b)
{
    int64_t total;

    return __builtin_add_overflow(a, b, &total) ? INT64_MAX : total;
}

int64_t cost_of(const struct plan_model *model, uint64_t prompt_tokens,
                uint64_t cached_tokens, uint64_t completion_tokens,
                uint64_t reasoning_tokens)
{
    const uint64_t cached = min_u64(cached_tokens, prompt_tokens);
    const uint64_t reasoning = min_u64(reasoning_tokens, completion_tokens);
    const int64_t prompt_pusd =
        cost_sum(price(prompt_tokens - cached, model->prompt_pusd),
                 price(cached, model->cached_pusd));
    const int64_t completion_pusd =
        cost_sum(price(completion_tokens - reasoning, model->completion_pusd),
                 price(reasoning, model->reasoning_pusd));

    return cost_sum(prompt_pusd, completion_pusd);
}

int64_t cost_worst(const struct plan_model *model, uint64_t message_bytes,
                   uint64_t message_count, uint64_t max_tokens)
{
    const int64_t dearest_prompt = max_i64(model->prompt_pusd, model->cached_pusd);
    const int64_t dearest_completion =
        max_i64(model->completion_pusd, model->reasoning_pusd);
    uint64_t marks, prompt_tokens;

    if (__builtin_mul_overflow(message_count, TOKENS_PER_MESSAGE, &marks) ||
        __builtin_add_overflow(message_bytes, marks, &prompt_tokens))
        return INT64_MAX;
    return cost_sum(price(prompt_tokens, dearest_prompt),
                    price(max_tokens, dearest_completion));
}

int64_t cost_share(int64_t pusd, uint64_t wanted, uint64_t had)
{
    /* 63 and 64 bits: the product fits. */
    const uint128 product = (uint128)(uint64_t)pusd * wanted;
    uint128 share = 0;

    if (had == 0)
        return 0;
    share = (product + had / 2) / had;
    return share > INT64_MAX ? INT64_MAX : (int64_t)share;
}

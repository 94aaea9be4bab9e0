#include "engine/limits.h"

#include "measure/cost.h"
#include "measure/sample.h"
#include "plan/plan.h"

static void set_shares(struct limits *limits, const struct plan *plan)
{
    const struct plan_limits *whole = &plan->limits;

    limits->plan = whole;
    limits->most_sent = whole->requests ? plan_share(plan, whole->requests) : UINT64_MAX;
    limits->most_cost_pusd = whole->cost_pusd > 0
                                 ? (int64_t)plan_share(plan, (uint64_t)whole->cost_pusd)
                                 : INT64_MAX;
}

void limits_init(struct limits *limits, const struct plan *plan)
{
    *limits = (struct limits){.plan = &plan->limits};
    set_shares(limits, plan);
    failure_window_init(&limits->recent, plan->limits.error_rate_over_ns);
}

void limits_follow(struct limits *limits, const struct plan *plan)
{
    if (plan->limits.error_rate_over_ns != limits->plan->error_rate_over_ns)
        failure_window_init(&limits->recent, plan->limits.error_rate_over_ns);
    set_shares(limits, plan);
}

/* Money does not wrap: a server that claims absurd usage costs the most there is. */
static int64_t add(int64_t a, int64_t b)
{
    int64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

uint64_t limits_answer_tokens(const struct limits *limits, uint64_t max_tokens)
{
    if (max_tokens > 0)
        return max_tokens;
    return limits->longest_tokens > 0 ? limits->longest_tokens : COST_ANSWER_TOKENS;
}

enum stop_reason limits_may_send(const struct limits *limits, int64_t worst_pusd)
{
    const int64_t bound_pusd = add(limits->spent_pusd, limits->reserved_pusd);

    if (limits->sent >= limits->most_sent)
        return STOP_REQUESTS;
    if (add(bound_pusd, worst_pusd) > limits->most_cost_pusd)
        return STOP_COST;
    return STOP_NONE;
}

void limits_sent(struct limits *limits, int64_t worst_pusd)
{
    limits->sent++;
    limits->reserved_pusd = add(limits->reserved_pusd, worst_pusd);
}

static bool is_error_rate_broken(struct limits *limits, uint64_t now_ns)
{
    const struct failure_share share = failure_window_share(&limits->recent, now_ns);

    if (share.attempts == 0 || share.attempts < limits->plan->error_rate_min ||
        (double)share.failed <= limits->plan->error_rate * (double)share.attempts)
        return false;
    if (limits->broken_attempts == 0) {
        limits->broken_attempts = share.attempts;
        limits->broken_failed = share.failed;
    }
    return true;
}

enum stop_reason limits_over(struct limits *limits, const struct sample *sample,
                             int64_t worst_pusd)
{
    const bool told = sample->token_source == TOKENS_USAGE;

    if (sample->completion_tokens > limits->longest_tokens)
        limits->longest_tokens = sample->completion_tokens;
    if (told || !sample->wire_ns) {
        limits->reserved_pusd -= worst_pusd;
        limits->spent_pusd = add(limits->spent_pusd, sample->cost_pusd);
    }
    if (outcome_is_withdrawn(sample->outcome))
        return STOP_NONE;
    limits->ended++;
    limits->refused += sample->outcome == OUTCOME_UNAUTHORIZED;
    failure_window_add(&limits->recent, sample->end_ns,
                       outcome_is_failure(sample->outcome));
    if (limits->plan->error_rate > 0 && is_error_rate_broken(limits, sample->end_ns))
        return STOP_ERROR_RATE;
    if (limits->refused >= LIMITS_REFUSALS && limits->refused == limits->ended)
        return STOP_ERROR_RATE;
    if (add(limits->spent_pusd, limits->reserved_pusd) > limits->most_cost_pusd)
        return STOP_COST;
    return STOP_NONE;
}

#include "measure/spending.h"

#include <math.h>

#include "base/clock.h"
#include "base/quantity.h"
#include "measure/cost.h"
#include "plan/plan.h"

#define MILLION UINT64_C(1000000)

static struct unit_cost unit_cost(int64_t pusd, uint64_t wanted, uint64_t had)
{
    return (struct unit_cost){.known = had > 0, .pusd = cost_share(pusd, wanted, had)};
}

struct spending spending_of(const struct counters *counters)
{
    const int64_t pusd = counters->cost_pusd;
    const double usd = (double)pusd / (double)PUSD_PER_USD;

    return (struct spending){
        .total_pusd = pusd,
        .per_million_tokens = unit_cost(
            pusd, MILLION, counters->prompt_tokens + counters->completion_tokens),
        .per_million_output_tokens =
            unit_cost(pusd, MILLION, counters->completion_tokens),
        .per_generation_second =
            unit_cost(counters->generation_pusd, NS_PER_S, counters->generation_ns),
        .per_ok_request = unit_cost(pusd, 1, counters->ok),
        .output_tokens_per_usd =
            pusd > 0 ? (double)counters->completion_tokens / usd : (double)NAN,
    };
}

struct summing {
    struct spending_users *users;
    int64_t pusd;
};

/* Puts a user among the dearest, if they are: the first of two equals stays before the other. */
static void rank(struct spending_users *users, const struct user_view *user)
{
    size_t at = users->dearest_count;

    while (at > 0 && users->dearest[at - 1].cost_pusd < user->cost_pusd) {
        if (at < SPENDING_USERS)
            users->dearest[at] = users->dearest[at - 1];
        at--;
    }
    if (at == SPENDING_USERS)
        return;
    users->dearest[at] = *user;
    users->dearest_count += users->dearest_count < SPENDING_USERS;
}

static void add_user(void *ctx, const struct user_view *user)
{
    struct summing *summing = ctx;

    if (user->ordinal == RECORDER_OTHER_USERS)
        return; /* how many they are is not known */
    summing->pusd = cost_sum(summing->pusd, user->cost_pusd);
    summing->users->count++;
    if (user->cost_pusd > 0)
        rank(summing->users, user);
}

void spending_of_users(const struct recorder *recorder, struct spending_users *ret_users)
{
    struct summing summing = {.users = ret_users};

    *ret_users = (struct spending_users){.count = 0};
    recorder_each_user(recorder, add_user, &summing);
    ret_users->mean = unit_cost(summing.pusd, 1, ret_users->count);
}

bool spending_is_known(const struct plan *plan)
{
    for (size_t i = 0; i < plan->model_count; i++)
        if (plan->models[i].priced)
            return true;
    return false;
}

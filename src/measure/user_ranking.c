#include "measure/user_ranking.h"

#include <stdbool.h>

#include "measure/brief.h"

/* Whether one goes before the other. */
typedef bool before_fn(const struct ranked_user *one, const struct ranked_user *other);

static bool fails_more(const struct ranked_user *one, const struct ranked_user *other)
{
    const struct user_view *a = &one->user;
    const struct user_view *b = &other->user;

    if (a->failed != b->failed)
        return a->failed > b->failed;
    return a->requests < b->requests; /* the greater share */
}

static bool is_slower(const struct ranked_user *one, const struct ranked_user *other)
{
    if (one->p95.above != other->p95.above)
        return one->p95.above;
    if (one->p95.value_ns != other->p95.value_ns)
        return one->p95.value_ns > other->p95.value_ns;
    return one->max.value_ns > other->max.value_ns;
}

/* Puts a user in their place, if they have one: the first of two equals stays before the other. */
static void rank(struct ranked_user *list, size_t *count, const struct ranked_user *user,
                 before_fn *before)
{
    size_t at = *count;

    while (at > 0 && before(user, &list[at - 1])) {
        if (at < USER_RANKING_MOST)
            list[at] = list[at - 1];
        at--;
    }
    if (at == USER_RANKING_MOST)
        return;
    list[at] = *user;
    *count += *count < USER_RANKING_MOST;
}

struct ranked_user user_ranking_look(const struct user_view *user)
{
    struct ranked_user ranked = {.user = *user};

    if (user->latency) {
        ranked.p50 = brief_quantile(user->latency, 0.50);
        ranked.p95 = brief_quantile(user->latency, 0.95);
        ranked.max = brief_quantile(user->latency, 1);
    }
    return ranked;
}

static void add_user(void *ctx, const struct user_view *user)
{
    struct user_ranking *ranking = ctx;
    const struct ranked_user ranked = user_ranking_look(user);

    if (user->ordinal == RECORDER_OTHER_USERS)
        return; /* they are many */
    ranking->count++;
    ranking->failed += user->failed > 0;
    if (user->failed > 0)
        rank(ranking->failing, &ranking->failing_count, &ranked, fails_more);
    if (ranked.p95.known)
        rank(ranking->slowest, &ranking->slowest_count, &ranked, is_slower);
}

void user_ranking_of(const struct recorder *recorder, struct user_ranking *ret_ranking)
{
    *ret_ranking = (struct user_ranking){.count = 0};
    recorder_each_user(recorder, add_user, ret_ranking);
}

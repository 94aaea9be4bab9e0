#include "platform/people.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "plan/plan.h"

static uint64_t draw_gaussian(struct rng *rng, uint64_t min, uint64_t max)
{
    const double mean = ((double)min + (double)max) / 2;
    const double deviation = ((double)max - (double)min) / 4;
    double drawn;

    do
        drawn = round(mean + deviation * rng_normal(rng));
    while (drawn < (double)min || drawn > (double)max);
    return (uint64_t)drawn;
}

uint64_t people_in_organization(const struct plan *plan, uint64_t index)
{
    const struct plan_platform *platform = &plan->platform;
    struct rng rng;

    rng_init(&rng, plan->seed, index, 0, RNG_HEAD_COUNT);
    switch (platform->head_count) {
    case PLAN_HEAD_COUNT_FIXED:
        break;
    case PLAN_HEAD_COUNT_UNIFORM:
        return platform->users_min +
               rng_below(&rng, platform->users_max - platform->users_min + 1);
    case PLAN_HEAD_COUNT_GAUSSIAN:
        return draw_gaussian(&rng, platform->users_min, platform->users_max);
    }
    return platform->users_min;
}

bool people_takes(const struct plan *plan, uint64_t index, struct people_share *ret_share)
{
    const uint64_t count = plan->platform.organization_count;
    const uint64_t workers = plan->worker_count;
    const uint64_t worker = plan->worker_index;
    const uint64_t at = index - 1;

    *ret_share = (struct people_share){.first = 1, .step = 1};
    if (count >= workers)
        return at % workers == worker;
    /* Workers w with w ≡ at mod count share it, the i-th of them with i = w / count. */
    ret_share->first = worker / count + 1;
    ret_share->step = (workers - at + count - 1) / count;
    return worker % count == at;
}

static uint64_t taken_of(struct people_share share, uint64_t users)
{
    return users < share.first ? 0 : (users - share.first) / share.step + 1;
}

uint64_t people_count(const struct plan *plan)
{
    struct people_share share;
    uint64_t count = 0;

    for (uint64_t index = 1; index <= plan->platform.organization_count; index++)
        if (people_takes(plan, index, &share))
            count += taken_of(share, people_in_organization(plan, index));
    return count;
}

int64_t people_budget_pusd(const struct plan *plan, const char *organization)
{
    const struct plan_platform *platform = &plan->platform;

    for (size_t i = 0; i < platform->budget_count; i++)
        if (strcmp(platform->budgets[i].organization, organization) == 0)
            return platform->budgets[i].pusd;
    return platform->budget_pusd;
}

/* A pattern with something in place of each {word}. */
struct filling {
    const char *word;
    const char *text;
};

static int fill(const char *pattern, const struct filling *fillings, size_t count,
                struct buf *out)
{
    while (*pattern) {
        size_t i = 0;

        while (i < count &&
               strncmp(pattern, fillings[i].word, strlen(fillings[i].word)) != 0)
            i++;
        if (i < count) {
            buf_append_str(out, fillings[i].text);
            pattern += strlen(fillings[i].word);
        } else {
            buf_append_char(out, *pattern++);
        }
    }
    return buf_error(out);
}

int people_write_organization(const struct plan *plan, uint64_t index, struct buf *out)
{
    char number[24];
    const struct filling fillings[] = {{"{index}", number}};

    (void)snprintf(number, sizeof(number), "%" PRIu64, index);
    return fill(plan->platform.name, fillings, 1, out);
}

int people_write_email(const struct plan *plan, const char *organization, uint64_t index,
                       struct buf *out)
{
    char number[24];
    const struct filling fillings[] = {{"{index}", number},
                                       {"{organization}", organization}};

    (void)snprintf(number, sizeof(number), "%04" PRIu64, index);
    return fill(plan->platform.email, fillings, 2, out);
}

#include "measure/people.h"

#include <stdlib.h>

#include "measure/cost.h"
#include "measure/observe.h"
#include "measure/sample.h"

void people_init(struct people *people, uint32_t worker_count)
{
    *people = (struct people){.stride = worker_count ? worker_count : 1};
}

void people_deinit(struct people *people)
{
    for (size_t i = 0; i < PEOPLE_BLOCKS; i++)
        free(people->blocks[i]);
    *people = (struct people){.stride = 1};
}

struct person *people_find(struct people *people, uint64_t ordinal)
{
    const uint64_t at = ordinal / people->stride;
    struct person **block = NULL;

    if (at >= RECORDER_USERS)
        return &people->others;
    block = &people->blocks[at / PEOPLE_PER_BLOCK];
    if (!*block)
        *block = calloc(PEOPLE_PER_BLOCK, sizeof(**block));
    return *block ? &(*block)[at % PEOPLE_PER_BLOCK] : NULL;
}

static void add_latency(struct brief *latency, const struct observation *observations,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (observations[i].metric != METRIC_E2E)
            continue;
        if (observations[i].censored)
            brief_miss(latency);
        else
            brief_add(latency, observations[i].value_ns);
    }
}

bool people_add(struct people *people, const struct sample *sample,
                const struct observation *observations, size_t count)
{
    struct person *person = people_find(people, sample->user);

    if (!person)
        return false;
    person->requests++;
    person->questions += (sample->flags & SAMPLE_CHAT) && sample->attempt == 0;
    person->failed += outcome_is_failure(sample->outcome);
    person->prompt_tokens += sample->prompt_tokens;
    person->completion_tokens += sample->completion_tokens;
    person->cost_pusd = cost_sum(person->cost_pusd, sample->cost_pusd);
    add_latency(&person->latency, observations, count);
    return true;
}

static struct user_view view_of(const struct person *person, uint64_t ordinal)
{
    return (struct user_view){
        .ordinal = ordinal,
        .requests = person->requests,
        .questions = person->questions,
        .failed = person->failed,
        .prompt_tokens = person->prompt_tokens,
        .completion_tokens = person->completion_tokens,
        .cost_pusd = person->cost_pusd,
        .latency = &person->latency,
    };
}

static void tell(const struct person *person, uint64_t ordinal, user_fn *fn, void *ctx)
{
    const struct user_view view = view_of(person, ordinal);

    if (view.requests > 0)
        fn(ctx, &view);
}

void people_each(const struct people *people, uint32_t worker_index, user_fn *fn,
                 void *ctx)
{
    for (uint64_t i = 0; i < PEOPLE_BLOCKS; i++) {
        for (uint64_t j = 0; people->blocks[i] && j < PEOPLE_PER_BLOCK; j++)
            tell(&people->blocks[i][j],
                 (i * PEOPLE_PER_BLOCK + j) * people->stride + worker_index, fn, ctx);
    }
    tell(&people->others, RECORDER_OTHER_USERS, fn, ctx);
}

/* What is read on another thread must not be what is written on this one. */
static struct user_view without_latency(struct user_view view)
{
    view.latency = NULL;
    return view;
}

size_t people_copy(const struct people *people, uint32_t worker_index, size_t max,
                   struct user_view *ret_users)
{
    size_t count = 0;

    for (size_t i = 0; i < max && i < RECORDER_USERS; i++) {
        const struct person *block = people->blocks[i / PEOPLE_PER_BLOCK];
        const struct person *person = block ? &block[i % PEOPLE_PER_BLOCK] : NULL;

        if (person && person->requests > 0)
            ret_users[count++] =
                without_latency(view_of(person, i * people->stride + worker_index));
    }
    return count;
}

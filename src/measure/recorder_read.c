/*
 * The reading half of a recorder: what it keeps → views for outputs and results.
 */
#include <assert.h>

#include "measure/recorder_state.h"
#include "plan/plan.h"

/* The series of one scope out of its parts, either of which may be missing, but not both. */
static struct series_view view_parts(const struct series *window,
                                     const struct series *outside,
                                     enum recorder_scope scope, struct series_sum *sum)
{
    if (scope == RECORDER_WINDOW || !outside)
        return series_view_of(window);
    if (!window)
        return series_view_of(outside);
    return series_sum(window, outside, sum);
}

struct series_view recorder_total(const struct recorder *recorder,
                                  enum recorder_scope scope)
{
    return view_parts(&recorder->total[PART_WINDOW], &recorder->total[PART_OUTSIDE],
                      scope, recorder->total_sum);
}

const char *recorder_dimension_at(size_t index)
{
    return index < DIMENSION_COUNT ? dimension_key(index) : NULL;
}

const char *recorder_selector_key_at(size_t index)
{
    return index == DIMENSION_COUNT ? "check" : recorder_dimension_at(index);
}

bool recorder_selected(const struct recorder *recorder, const char *selector,
                       struct series_view *ret_view)
{
    const struct series *series = selections_find(&recorder->selections, selector);

    if (!series)
        return false;
    *ret_view = series_view_of(series);
    return true;
}

uint64_t recorder_selected_since_ns(const struct recorder *recorder, const char *selector)
{
    return selections_since_ns(&recorder->selections, selector);
}

void recorder_each(const struct recorder *recorder, enum recorder_scope scope,
                   series_fn *fn, void *ctx)
{
    for (size_t i = 0; i < DIMENSION_COUNT; i++) {
        const struct dimension *dimension = &recorder->dimensions.each[i];

        for (size_t j = 0; j < dimension->count; j++) {
            const struct dimension_value *value = &dimension->values[j];
            const struct series *window = value->parts[PART_WINDOW];
            const struct series *outside = value->parts[PART_OUTSIDE];
            struct series_view view;

            if (!window && (scope == RECORDER_WINDOW || !outside))
                continue;
            view = view_parts(window, outside, scope, recorder->value_sum);
            view.key = dimension->key;
            view.value = value->value;
            fn(ctx, &view);
        }
    }
}

const struct recoveries *recorder_recoveries(const struct recorder *recorder)
{
    return &recorder->recoveries;
}

bool recorder_turn(const struct recorder *recorder, uint32_t turn,
                   struct turn_view *ret_turn)
{
    const struct turn *found = &recorder->turns.each[turn - 1];

    assert(turn >= 1 && turn <= RECORDER_TURNS);
    if (found->requests == 0)
        return false;
    *ret_turn = (struct turn_view){
        .requests = found->requests,
        .prompts = found->prompts,
        .prompt_tokens = found->prompt_tokens,
        .ttft = found->ttft,
    };
    return true;
}

void recorder_each_check(const struct recorder *recorder, enum recorder_scope scope,
                         check_view_fn *fn, void *ctx)
{
    const bool all = scope == RECORDER_ALL;

    for (size_t i = 0; i < recorder->checks.count; i++) {
        const struct check_count *one = &recorder->checks.each[i];

        fn(ctx,
           &(struct check_view){
               .step = one->step,
               .name = one->name,
               .passed = one->passed[PART_WINDOW] + (all ? one->passed[PART_OUTSIDE] : 0),
               .failed = one->failed[PART_WINDOW] + (all ? one->failed[PART_OUTSIDE] : 0),
           });
    }
}

void recorder_each_user(const struct recorder *recorder, user_fn *fn, void *ctx)
{
    people_each(&recorder->people, recorder->options.plan->worker_index, fn, ctx);
}

void recorder_each_peer(const struct recorder *recorder, peer_fn *fn, void *ctx)
{
    const struct peer_table *peers = &recorder->peers.table;

    for (size_t i = 0; i < peers->count; i++)
        fn(ctx, &peers->each[i]);
    if (peers->others.requests > 0)
        fn(ctx, &peers->others);
}

struct user_counts recorder_user_counts(const struct recorder *recorder)
{
    return recorder->users;
}

uint64_t recorder_users_peak(const struct recorder *recorder)
{
    return recorder->users_peak;
}

uint64_t recorder_in_flight(const struct recorder *recorder)
{
    return recorder->in_flight.value > 0 ? (uint64_t)recorder->in_flight.value : 0;
}

void recorder_client(const struct recorder *recorder, uint64_t now_ns,
                     struct client_view *ret_client)
{
    *ret_client = (struct client_view){
        .pauses = recorder->pauses,
        .drawn_pause_ns = recorder->drawn_pause_ns,
        .achieved_pause_ns = recorder->achieved_pause_ns,
        .questions = recorder->questions,
        .unique_questions = recorder->questions ? (double)recorder->unique_questions /
                                                      (double)recorder->questions
                                                : 1,
        .unfinished = recorder_in_flight(recorder),
        .in_flight_integral_s = level_integral_s(&recorder->in_flight, now_ns),
        .latency_sum_s = recorder->latency_sum_s,
        .lost = recorder->lost + recorder->total_sum->lost + recorder->value_sum->lost,
        .label_sets =
            recorder->labels ? labels_count(recorder->labels) : recorder->label_sets,
        .label_sets_overflown = recorder->labels ? labels_overflown(recorder->labels)
                                                 : recorder->label_sets_overflown,
        .stalls = recorder->stalls,
        .most_at_once = recorder->burst.most,
    };
}

struct lengths recorder_lengths(const struct recorder *recorder, enum length_of kind)
{
    return recorder->lengths[kind];
}

const struct stretches *recorder_arm(const struct recorder *recorder, size_t arm)
{
    return recorder->arms.is_ended && arm < recorder->arms.count
               ? recorder->arms.arms[arm]
               : NULL;
}

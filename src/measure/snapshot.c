#include "measure/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure/recorder_state.h"

/* Makes room for count cells without keeping what was there. Returns 0 or -ENOMEM. */
static int make_room(void **cells, size_t *cap, size_t count, size_t size)
{
    if (count <= *cap)
        return 0;
    free(*cells);
    *cap = 0;
    *cells = calloc(count, size);
    if (!*cells)
        return -ENOMEM;
    *cap = count;
    return 0;
}

static int make_all_room(struct snapshot *snapshot, const struct recorder *recorder)
{
    const struct tally *tally = &recorder->tally;
    void *timings = snapshot->timings;
    void *counts = snapshot->counts;
    void *users = snapshot->users;
    void *checks = snapshot->checks;
    void *models = snapshot->models;
    int r = make_room(&timings, &snapshot->timing_cap, tally->timing_cap,
                      sizeof(*snapshot->timings));

    if (r == 0)
        r = make_room(&counts, &snapshot->count_cap, tally->count_cap,
                      sizeof(*snapshot->counts));
    if (r == 0)
        r = make_room(&models, &snapshot->model_cap, tally->models.cap,
                      sizeof(*snapshot->models));
    if (r == 0)
        r = make_room(&users, &snapshot->user_cap, tally->user_max,
                      sizeof(*snapshot->users));
    if (r == 0)
        r = make_room(&checks, &snapshot->check_cap, recorder->checks.cap,
                      sizeof(*snapshot->checks));
    snapshot->checks = checks;
    snapshot->models = models;
    snapshot->timings = timings;
    snapshot->counts = counts;
    snapshot->users = users;
    return r;
}

/* Those who have series of their own, and all others as what is left of the sum. */
static void copy_users(struct snapshot *snapshot, const struct recorder *recorder)
{
    const struct tally *tally = &recorder->tally;
    struct user_view *rest = &snapshot->other_users;

    snapshot->user_count =
        people_copy(&recorder->people, recorder->options.plan->worker_index,
                    tally->user_max, snapshot->users);
    *rest = tally->users;
    snapshot->overflown = tally->overflown;
    /* Users are numbered without gaps, each worker having every so many-th. */
    if (rest->ordinal / recorder->people.stride >= tally->user_max)
        snapshot->overflown +=
            rest->ordinal / recorder->people.stride - tally->user_max + 1;
    rest->ordinal = RECORDER_OTHER_USERS;
    for (size_t i = 0; i < snapshot->user_count; i++) {
        const struct user_view *user = &snapshot->users[i];

        rest->requests -= user->requests;
        rest->questions -= user->questions;
        rest->failed -= user->failed;
        rest->prompt_tokens -= user->prompt_tokens;
        rest->completion_tokens -= user->completion_tokens;
        rest->cost_pusd -= user->cost_pusd;
    }
}

static void copy_check(void *ctx, const struct check_view *check)
{
    struct snapshot *snapshot = ctx;

    snapshot->checks[snapshot->check_count++] = *check;
}

int snapshot_take(const struct recorder *recorder, uint64_t now_ns,
                  struct snapshot *snapshot)
{
    const struct tally *tally = &recorder->tally;
    const int r = make_all_room(snapshot, recorder);

    snapshot->timing_count = snapshot->count_count = snapshot->user_count = 0;
    snapshot->check_count = snapshot->model_count = 0;
    if (r < 0)
        return r;
    memcpy(snapshot->timings, tally->timings,
           tally->timing_count * sizeof(*tally->timings));
    memcpy(snapshot->counts, tally->counts, tally->count_count * sizeof(*tally->counts));
    memcpy(snapshot->models, tally->models.cells,
           tally->models.count * sizeof(*snapshot->models));
    memcpy(snapshot->client, tally->client, sizeof(snapshot->client));
    snapshot->timing_count = tally->timing_count;
    snapshot->count_count = tally->count_count;
    snapshot->model_count = tally->models.count;
    copy_users(snapshot, recorder);
    recorder_each_check(recorder, RECORDER_ALL, copy_check, snapshot);
    snapshot->totals = recorder->total[PART_WINDOW].counters;
    series_add_counters(&snapshot->totals, &recorder->total[PART_OUTSIDE].counters);
    snapshot->people = recorder_user_counts(recorder);
    snapshot->in_flight = recorder_in_flight(recorder);
    recorder_client(recorder, now_ns, &snapshot->health);
    return 0;
}

void snapshot_sum(const struct recorder *recorder, struct snapshot_sums *ret_sums)
{
    const struct tally *tally = &recorder->tally;

    *ret_sums = (struct snapshot_sums){.errors = 0};
    for (size_t i = 0; i < tally->count_count; i++) {
        const struct count_cell *cell = &tally->counts[i];

        for (size_t outcome = 0; outcome < SNAPSHOT_OUTCOMES; outcome++)
            ret_sums->outcomes[outcome] += cell->outcomes[outcome];
        for (size_t kind = 0; kind < OUTCOME_COUNT; kind++)
            ret_sums->errors += cell->errors[kind];
        ret_sums->slo_operations += cell->slo_operations;
        ret_sums->slo_met += cell->slo_met;
    }
    for (size_t i = 0; i < tally->timing_count; i++)
        for (size_t kind = 0; kind < BUCKETS_LABELLED_KINDS; kind++)
            ret_sums->observations[kind] +=
                buckets_count(&tally->timings[i].buckets[kind]);
}

void snapshot_deinit(struct snapshot *snapshot)
{
    free(snapshot->timings);
    free(snapshot->counts);
    free(snapshot->models);
    free(snapshot->users);
    free(snapshot->checks);
    *snapshot = (struct snapshot){0};
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/snapshot.h"
#include "plan/plan.h"

/* Users who have series of their own: half of the budget, four series each. */
#define OWN_USERS (SNAPSHOT_MAX_SERIES / 2 / 4)

static const struct plan plan = {.max_series = 10000, .worker_count = 1};

static int set_up(void **state)
{
    const struct recorder_options options = {.plan = &plan, .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;

    assert_int_equal(recorder_new(&options, &recorder), 0);
    *state = recorder;
    return 0;
}

static int tear_down(void **state)
{
    recorder_free(*state);
    return 0;
}

static uint32_t labels_for(struct recorder *recorder, const char *model, const char *step,
                           const char *org)
{
    const struct label set[] = {{"model", model}, {"step", step}, {"org_id", org}};
    uint32_t id = 0;

    assert_int_equal(labels_intern(recorder_labels(recorder), set, 3, &id), 0);
    return id;
}

static void record(struct recorder *recorder, struct sample sample)
{
    recorder_sample(recorder, &sample);
}

static struct snapshot take(const struct recorder *recorder)
{
    struct snapshot snapshot = {0};

    assert_int_equal(snapshot_take(recorder, MS(9000), &snapshot), 0);
    return snapshot;
}

static void
timings_are_kept_by_model_and_step_and_counters_by_organization_too(void **state)
{
    struct recorder *recorder = *state;
    struct sample one = good_stream();
    struct sample two = good_stream();
    struct snapshot snapshot;

    one.labels = labels_for(recorder, "m", "ask", "org-1");
    two.labels = labels_for(recorder, "m", "ask", "org-2");
    two.cost_pusd = 7;
    record(recorder, one);
    record(recorder, two);
    recorder_gap(recorder, one.labels, true, MS(12));
    recorder_gap(recorder, two.labels, false, MS(13)); /* the whole run counts */
    snapshot = take(recorder);
    assert_int_equal(snapshot.timing_count, 2); /* `other` and this */
    assert_string_equal(snapshot.timings[1].key.model, "m");
    assert_string_equal(snapshot.timings[1].key.backend, "");
    assert_int_equal(buckets_count(&snapshot.timings[1].buckets[BUCKETS_TTFT]), 2);
    assert_int_equal(snapshot.timings[1].buckets[BUCKETS_TTFT].sum, 2 * MS(100));
    assert_int_equal(snapshot.timings[1].buckets[BUCKETS_ICL].sum, MS(25));
    /* Eight tokens in 400 ms: 20 a second. */
    assert_int_equal(snapshot.timings[1].buckets[BUCKETS_TPS].sum, 2 * 20 * 1000000);
    assert_int_equal(snapshot.count_count, 3);
    assert_string_equal(snapshot.counts[2].key.org_id, "org-2");
    assert_int_equal(snapshot.counts[2].cost_pusd, 7);
    assert_int_equal(snapshot.counts[1].tokens[SNAPSHOT_PROMPT], 100);
    assert_int_equal(snapshot.overflown, 0);
    snapshot_deinit(&snapshot);
}

static void what_was_censored_is_in_no_bucket(void **state)
{
    struct recorder *recorder = *state;
    struct sample sample = good_stream();
    struct snapshot snapshot;

    sample.labels = labels_for(recorder, "m", "ask", "");
    sample.outcome = OUTCOME_FIRST_TOKEN_TIMEOUT;
    sample.first_output_ns = sample.last_output_ns = 0;
    record(recorder, sample);
    snapshot = take(recorder);
    assert_int_equal(buckets_count(&snapshot.timings[1].buckets[BUCKETS_TTFT]), 0);
    assert_int_equal(
        buckets_count(&snapshot.timings[1].buckets[BUCKETS_REQUEST_DURATION]), 0);
    assert_int_equal(snapshot.counts[1].outcomes[SNAPSHOT_FAILED], 1);
    assert_int_equal(snapshot.counts[1].errors[OUTCOME_FIRST_TOKEN_TIMEOUT], 1);
    snapshot_deinit(&snapshot);
}

static size_t series_of_buckets(const struct buckets *buckets, enum buckets_kind kind)
{
    return buckets_count(buckets) > 0 ? buckets_scales[kind].bound_count + 3 : 0;
}

/* How many series Prometheus would get of the cells. */
static size_t series_of(const struct snapshot *snapshot)
{
    size_t count = 4 * (snapshot->user_count + 1);

    for (size_t i = 0; i < snapshot->timing_count; i++)
        for (size_t kind = 0; kind < BUCKETS_LABELLED_KINDS; kind++)
            count += buckets_scales[kind].bound_count + 3;
    for (size_t i = 0; i < snapshot->model_count; i++) {
        const struct model_cell *cell = &snapshot->models[i];

        count += 2 * STAGE_COUNT;
        for (size_t size = 0; size < SNAPSHOT_PROMPT_SIZES; size++)
            count += series_of_buckets(&cell->ttft[size], BUCKETS_TTFT);
        count += series_of_buckets(&cell->prompt_tokens, BUCKETS_TOKENS);
        count += series_of_buckets(&cell->completion_tokens, BUCKETS_TOKENS);
    }
    for (size_t i = 0; i < snapshot->count_count; i++) {
        count += SNAPSHOT_OUTCOMES + SNAPSHOT_TOKENS + 1;
        count += snapshot->counts[i].slo_operations > 0 ? 2 : 0;
        for (size_t kind = 0; kind < OUTCOME_COUNT; kind++)
            count += snapshot->counts[i].errors[kind] > 0;
    }
    return count;
}

static void what_is_past_the_budget_counts_as_other_and_nothing_is_lost(void **state)
{
    enum { COMBINATIONS = 1000 };
    struct recorder *recorder = *state;
    struct snapshot early;
    struct snapshot late;
    uint64_t requests = 0;
    uint64_t errors = 0;
    uint64_t outputs = 0;
    uint64_t operations = 0;
    uint64_t good = 0;
    char name[16];

    for (unsigned i = 0; i < COMBINATIONS; i++) {
        struct sample sample = good_stream();

        (void)snprintf(name, sizeof(name), "model-%u", i);
        sample.labels = labels_for(recorder, name, "ask", name);
        sample.user = i;
        record(recorder, sample);
        recorder_operation(recorder,
                           &(struct operation){.labels = sample.labels,
                                               .slo = {.judged = true, .met = i % 2}});
        if (i == 5)
            early = take(recorder);
        sample.outcome = i % 2 ? OUTCOME_RESET : OUTCOME_TLS;
        record(recorder, sample);
    }
    late = take(recorder);
    assert_in_range(series_of(&late), SNAPSHOT_MAX_SERIES / 2, SNAPSHOT_MAX_SERIES);
    for (size_t i = 0; i < late.count_count; i++) {
        requests += late.counts[i].outcomes[SNAPSHOT_OK];
        operations += late.counts[i].slo_operations;
        good += late.counts[i].slo_met;
        errors +=
            late.counts[i].errors[OUTCOME_RESET] + late.counts[i].errors[OUTCOME_TLS];
    }
    for (size_t i = 0; i < late.timing_count; i++)
        outputs += buckets_count(&late.timings[i].buckets[BUCKETS_REQUEST_DURATION]);
    assert_int_equal(requests, COMBINATIONS);
    assert_int_equal(errors, COMBINATIONS);
    assert_int_equal(outputs, COMBINATIONS);
    assert_int_equal(operations, COMBINATIONS);
    assert_int_equal(good, COMBINATIONS / 2);
    assert_string_equal(late.counts[0].key.model, "other");
    assert_true(late.counts[0].outcomes[SNAPSHOT_OK] > 0);
    assert_true(late.overflown > 0);
    /* The first who came keep their place. */
    assert_int_equal(early.timing_count, 7);
    for (size_t i = 1; i < early.timing_count; i++)
        assert_string_equal(late.timings[i].key.model, early.timings[i].key.model);
    snapshot_deinit(&early);
    snapshot_deinit(&late);
}

static void the_first_users_have_series_and_the_others_are_their_sum(void **state)
{
    struct recorder *recorder = *state;
    struct snapshot snapshot;

    for (uint64_t user = 0; user < OWN_USERS + 5; user++) {
        struct sample sample = good_stream();

        sample.flags |= SAMPLE_CHAT;
        sample.labels = labels_for(recorder, "m", "ask", "");
        sample.user = user;
        sample.cost_pusd = (int64_t)user;
        record(recorder, sample);
    }
    snapshot = take(recorder);
    assert_int_equal(snapshot.user_count, OWN_USERS);
    assert_int_equal(snapshot.users[OWN_USERS - 1].ordinal, OWN_USERS - 1);
    assert_int_equal(snapshot.users[7].questions, 1);
    assert_int_equal(snapshot.users[7].cost_pusd, 7);
    assert_int_equal(snapshot.other_users.requests, 5);
    assert_int_equal(snapshot.other_users.questions, 5);
    assert_int_equal(snapshot.other_users.prompt_tokens, 500);
    assert_int_equal(snapshot.other_users.cost_pusd, 5 * OWN_USERS + 10);
    assert_int_equal(snapshot.overflown, 5); /* users, and no label sets */
    snapshot_deinit(&snapshot);
}

static void a_snapshot_stays_as_it_is_and_its_memory_is_used_again(void **state)
{
    struct recorder *recorder = *state;
    struct sample sample = good_stream();
    struct snapshot snapshot;
    const void *cells;

    sample.labels = labels_for(recorder, "m", "ask", "");
    record(recorder, sample);
    recorder_client_delay(recorder, true, MS(1));
    snapshot = take(recorder);
    cells = snapshot.timings;
    record(recorder, sample);
    assert_int_equal(snapshot.counts[1].outcomes[SNAPSHOT_OK], 1);
    assert_int_equal(snapshot.totals.ok, 1);
    assert_int_equal(snapshot_take(recorder, MS(9000), &snapshot), 0);
    assert_ptr_equal(snapshot.timings, cells);
    assert_int_equal(snapshot.counts[1].outcomes[SNAPSHOT_OK], 2);
    assert_int_equal(snapshot.totals.ok, 2);
    assert_int_equal(
        buckets_count(&snapshot.client[BUCKETS_CLIENT_DELAY - BUCKETS_LABELLED_KINDS]),
        1);
    snapshot_deinit(&snapshot);
}

/* Each phase of a plan is shown by a gauge of its own. */
static void a_plan_of_many_phases_has_less_for_combinations(void **state)
{
    enum { PHASES = 1000, COMBINATIONS = 200 };
    static const struct plan_phase phases[PHASES];
    const struct plan long_plan = {
        .max_series = 10000, .phases = phases, .phase_count = PHASES};
    const struct recorder_options options = {.plan = &long_plan,
                                             .window_end_ns = MS(9000)};
    struct recorder *recorder = NULL;
    struct snapshot snapshot;
    char name[16];

    (void)state;
    assert_int_equal(recorder_new(&options, &recorder), 0);
    for (unsigned i = 0; i < COMBINATIONS; i++) {
        struct sample sample = good_stream();

        (void)snprintf(name, sizeof(name), "model-%u", i);
        sample.labels = labels_for(recorder, name, "ask", "");
        for (sample.user = 0; sample.user < 4; sample.user++)
            record(recorder, sample);
    }
    snapshot = take(recorder);
    assert_true(snapshot.timing_count > 1);
    assert_true(series_of(&snapshot) + 4 * (OWN_USERS - snapshot.user_count) + PHASES <=
                SNAPSHOT_MAX_SERIES);
    snapshot_deinit(&snapshot);
    recorder_free(recorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_of_many_phases_has_less_for_combinations),
        cmocka_unit_test_setup_teardown(
            timings_are_kept_by_model_and_step_and_counters_by_organization_too, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(what_was_censored_is_in_no_bucket, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_is_past_the_budget_counts_as_other_and_nothing_is_lost, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            the_first_users_have_series_and_the_others_are_their_sum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_snapshot_stays_as_it_is_and_its_memory_is_used_again, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

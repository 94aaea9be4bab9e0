#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attempt.h"
#include "measure/model_tally.h"

#define MUCH 100000

static int set_up(void **state)
{
    static struct model_tally tally;

    assert_int_equal(model_tally_init(&tally), 0);
    *state = &tally;
    return 0;
}

static int tear_down(void **state)
{
    model_tally_deinit(*state);
    return 0;
}

static const struct model_cell *add(struct model_tally *tally, const char *model,
                                    struct sample sample, size_t *series_left)
{
    const int64_t index = model_tally_find(tally, model, series_left);

    assert_true(index >= 0);
    model_tally_sample(tally, (size_t)index, &sample, series_left);
    return &tally->cells[index];
}

static uint64_t stages_ns(const struct model_cell *cell)
{
    uint64_t sum_ns = 0;

    for (size_t i = 0; i < STAGE_COUNT; i++)
        sum_ns += cell->stages[i].sum_ns;
    return sum_ns;
}

static void the_stages_of_a_stream_add_up_to_its_time(void **state)
{
    size_t series = MUCH;
    const struct model_cell *cell = add(*state, "m", good_stream(), &series);

    assert_int_equal(cell->stages[STAGE_CONNECTING].sum_ns, MS(2));
    assert_int_equal(cell->stages[STAGE_FIRST_OUTPUT].sum_ns, MS(98));
    assert_int_equal(cell->stages[STAGE_QUEUE].count, 0);
    assert_int_equal(cell->stages[STAGE_DECODING].sum_ns, MS(400));
    assert_int_equal(cell->stages[STAGE_CLOSING].sum_ns, MS(10));
    assert_int_equal(stages_ns(cell), MS(510));
}

static void what_the_server_says_of_its_prompt_tells_the_queue_apart(void **state)
{
    size_t series = MUCH;
    struct sample sample = good_stream();
    const struct model_cell *cell;

    sample.server_prompt_ns = MS(60);
    cell = add(*state, "m", sample, &series);
    assert_int_equal(cell->stages[STAGE_PROMPT_PROCESSING].sum_ns, MS(60));
    assert_int_equal(cell->stages[STAGE_QUEUE].sum_ns, MS(98 - 60 - 3));
    assert_int_equal(cell->stages[STAGE_FIRST_OUTPUT].count, 0);

    sample.server_prompt_ns = MS(5000); /* longer than it can have been */
    cell = add(*state, "m", sample, &series);
    assert_int_equal(cell->stages[STAGE_QUEUE].count, 2);
    assert_int_equal(cell->stages[STAGE_QUEUE].sum_ns, MS(35));
}

static void what_did_not_come_whole_has_no_stages(void **state)
{
    size_t series = MUCH;
    struct sample sample = good_stream();

    sample.outcome = OUTCOME_TRUNCATED;
    (void)add(*state, "m", sample, &series);
    sample = good_body();
    (void)add(*state, "m", sample, &series);
    sample = good_stream();
    sample.flags |= SAMPLE_GENERATION_UNKNOWN;
    assert_int_equal(stages_ns(add(*state, "m", sample, &series)), 0);
}

static void first_tokens_are_kept_by_the_size_of_the_prompt(void **state)
{
    size_t series = MUCH;
    struct sample sample = good_stream();
    const struct model_cell *cell;

    sample.prompt_tokens = 255;
    (void)add(*state, "m", sample, &series);
    sample.prompt_tokens = 256;
    (void)add(*state, "m", sample, &series);
    sample.prompt_tokens = 100000;
    (void)add(*state, "m", sample, &series);
    sample.prompt_tokens = 0; /* nobody knows */
    cell = add(*state, "m", sample, &series);
    assert_int_equal(buckets_count(&cell->ttft[0]), 1);
    assert_int_equal(buckets_count(&cell->ttft[1]), 1);
    assert_int_equal(buckets_count(&cell->ttft[5]), 1);
    assert_int_equal(cell->ttft[1].sum, MS(100));
    assert_int_equal(buckets_count(&cell->prompt_tokens), 3);
    assert_int_equal(buckets_count(&cell->completion_tokens), 4);
    assert_int_equal(cell->prompt_tokens.sum, 100511);
    assert_string_equal(snapshot_prompt_size(1), "256-1023");
}

static void past_the_budget_everything_counts_under_other(void **state)
{
    struct model_tally *tally = *state;
    size_t series =
        12 + 18; /* the stages of a model, and one histogram of first tokens */
    struct sample sample = good_stream();

    (void)add(tally, "m", sample, &series);
    assert_int_equal(series, 0);
    assert_ptr_equal(add(tally, "n", sample, &series), &tally->cells[0]);
    sample.prompt_tokens = 500;
    (void)add(tally, "m", sample, &series);
    assert_int_equal(tally->count, 2);
    assert_string_equal(tally->cells[0].model, "other");
    assert_int_equal(buckets_count(&tally->cells[1].ttft[0]), 1);
    assert_int_equal(buckets_count(&tally->cells[0].ttft[0]), 1);
    assert_int_equal(buckets_count(&tally->cells[0].ttft[1]), 1);
    assert_int_equal(buckets_count(&tally->cells[1].prompt_tokens), 0);
    assert_int_equal(buckets_count(&tally->cells[0].prompt_tokens), 3);
    assert_int_equal(tally->cells[1].stages[STAGE_DECODING].count, 2);
    assert_int_equal(tally->cells[0].stages[STAGE_DECODING].count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_stages_of_a_stream_add_up_to_its_time, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            what_the_server_says_of_its_prompt_tells_the_queue_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_did_not_come_whole_has_no_stages, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(first_tokens_are_kept_by_the_size_of_the_prompt,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(past_the_budget_everything_counts_under_other,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * Words that scenarios share with modules which scenario may not use: they are written down twice,
 * and compared here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "measure/sample.h"
#include "scenario/form.h"
#include "scenario/manners.h"
#include "simulator/options.h"
#include "workload/question.h"
#include "written.h"

static const struct field *find_field(const struct field_table *table, const char *key)
{
    for (size_t i = 0; i < table->count; i++) {
        if (strcmp(table->fields[i].key, key) == 0)
            return &table->fields[i];
    }
    return NULL;
}

/* The same words in the same order, as people know them. */
static void each_question_is_a_strategy_of_workload(void **state)
{
    size_t at = 0;

    (void)state;
    for (; question_words[at]; at++) {
        const struct question_strategy *strategy = question_strategy_at(at);

        assert_string_equal(strategy ? strategy->name : "", question_words[at]);
    }
    assert_null(question_strategy_at(at));
}

/* The same words in the same order, since the plan keeps their numbers. */
static void each_outcome_can_be_named_by_a_retry(void **state)
{
    size_t at = 0;

    (void)state;
    for (; outcome_words[at]; at++)
        assert_string_equal(at < OUTCOME_COUNT ? outcome_name((enum outcome)at) : "",
                            outcome_words[at]);
    assert_int_equal(at, OUTCOME_COUNT);
}

/* The same names in the same order, each a duration. */
static void each_slo_is_on_the_metric_of_its_name(void **state)
{
    (void)state;
    assert_int_equal(slo_table.count, PLAN_SLO_COUNT);
    for (enum plan_slo_metric metric = 0; metric < PLAN_SLO_COUNT; metric++) {
        const struct field *field = &slo_table.fields[metric];

        assert_string_equal(field->key, metric_info(slo_metric(metric))->name);
        assert_int_equal(field->offset, offsetof(struct slo_form, limit_ns[metric]));
    }
}

/* Where it listens and with which key is not for the scenario to say. */
static int is_the_programs_own(const char *key)
{
    return strcmp(key, "listen") == 0 || strcmp(key, "api_key_env") == 0 ||
           strcmp(key, "admin_key_env") == 0;
}

static void each_setting_is_one_of_the_simulator(void **state)
{
    size_t own_count = 0;

    (void)state;
    for (size_t i = 0; i < simulator_option_count; i++) {
        const char *key = simulator_option_table[i].key;

        if (is_the_programs_own(key))
            own_count++;
        else if (!find_field(&simulator_table, key))
            fail_msg("scenarios do not know '%s'", key);
    }
    /* What it is like is read by `throng simulate`, and set in the simulator's own words. */
    assert_non_null(find_field(&simulator_table, "like"));
    assert_int_equal(simulator_table.count, simulator_option_count - own_count + 1);
}

static void the_quickstart_speaks_the_words_of_the_simulator(void **state)
{
    struct plan *plan = written_plan_of_file(*state);
    struct simulator_options options;
    struct buf error = BUF_INIT(4096);

    assert_int_equal(simulator_options_init(&options), 0);
    for (size_t i = 0; i < plan->simulator_count; i++) {
        const struct plan_setting *setting = &plan->simulator[i];

        if (simulator_options_set(&options, setting->key, setting->value, &error) < 0)
            fail_msg("%s", buf_str(&error));
    }
    simulator_options_deinit(&options);
    buf_deinit(&error);
    plan_free(plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_is_a_strategy_of_workload),
        cmocka_unit_test(each_slo_is_on_the_metric_of_its_name),
        cmocka_unit_test(each_outcome_can_be_named_by_a_retry),
        cmocka_unit_test(each_setting_is_one_of_the_simulator),
        cmocka_unit_test_prestate(the_quickstart_speaks_the_words_of_the_simulator,
                                  argc > 1 ? argv[1] : NULL),
    };

    return cmocka_run_group_tests_name("scenario/vocabulary", tests, NULL, NULL);
}

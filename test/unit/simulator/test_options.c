#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "simulator/options.h"

struct fixture {
    struct simulator_options options;
    struct buf error;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    fixture->error = BUF_INIT(4096);
    assert_int_equal(simulator_options_init(&fixture->options), 0);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    simulator_options_deinit(&fixture->options);
    buf_deinit(&fixture->error);
    free(fixture);
    return 0;
}

static void set(struct fixture *fixture, const char *key, const char *value)
{
    if (simulator_options_set(&fixture->options, key, value, &fixture->error) < 0)
        fail_msg("%s", buf_str(&fixture->error));
}

static void each_default_can_be_set_and_has_help(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < simulator_option_count; i++) {
        set(fixture, simulator_option_table[i].key, simulator_option_table[i].fallback);
        assert_true(strlen(simulator_option_table[i].help) > 10);
    }
}

static void values_reach_their_place(void **state)
{
    struct fixture *fixture = *state;
    struct simulator_options *options = &fixture->options;

    setenv("TEST_SIMULATOR_KEY", "sk-1", 1);
    set(fixture, "models", "a,b/c");
    set(fixture, "api-key-env", "TEST_SIMULATOR_KEY");
    set(fixture, "ttft", "uniform(1ms,2ms)");
    set(fixture, "capacity", "64");
    set(fixture, "queue", "unlimited");
    set(fixture, "error-rate", "1%");
    set(fixture, "error_status", "429,503");
    set(fixture, "stall-for", "2s");
    set(fixture, "outage", "30s..45s,2m..3m");
    set(fixture, "outage-status", "reset");
    set(fixture, "preamble", "role");
    set(fixture, "ground-truth", "/tmp/x");
    assert_string_equal(options->models[0], "a");
    assert_string_equal(options->models[1], "b/c");
    assert_null(options->models[2]);
    assert_string_equal(secret_reveal(options->key), "sk-1");
    assert_int_equal(options->ttft.kind, SIMULATOR_UNIFORM);
    assert_int_equal(options->capacity, 64);
    assert_int_equal(options->queue, UINT64_MAX);
    assert_true(options->error_rate.of[SIMULATOR_WEB] > 0.00999 &&
                options->error_rate.of[SIMULATOR_WEB] < 0.01001);
    assert_int_equal(options->error_statuses[0].status, 429);
    assert_int_equal(options->error_statuses[1].status, 503);
    assert_int_equal(options->error_statuses[2].status, 0);
    assert_int_equal(options->stall_for_ns, 2 * NS_PER_S);
    assert_int_equal(options->outages[2].end_ns, 0);
    assert_int_equal(options->outages[1].begin_ns, 120 * NS_PER_S);
    assert_int_equal(options->outage_status, 0);
    assert_int_equal(options->preamble, SIMULATOR_PREAMBLE_ROLE);
    assert_string_equal(options->ground_truth, "/tmp/x");
}

static void a_bad_value_changes_nothing_and_is_explained(void **state)
{
    static const struct {
        const char *key;
        const char *value;
    } cases[] = {
        {"listen", "nowhere"},  {"models", "a,,b"},
        {"models", "a,"},       {"api_key_env", "NO_SUCH_VARIABLE_HERE"},
        {"seed", "x"},          {"ttft", "soon"},
        {"tokens", "5ms"},      {"capacity", "-1"},
        {"error_rate", "101%"}, {"error_status", "200"},
        {"error_status", ""},   {"stall_for", "never"},
        {"outage", "45s..30s"}, {"outage", "30s"},
        {"preamble", "tail"},   {"queue_full_status", "1"},
        {"retry_after", "1"},   {"price_prompt", "-1"},
        {"tenant_keys", "all"}, {"limits_per", "user"},
    };
    struct fixture *fixture = *state;

    set(fixture, "models", "kept");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        buf_clear(&fixture->error);
        if (simulator_options_set(&fixture->options, cases[i].key, cases[i].value,
                                  &fixture->error) != -EINVAL)
            fail_msg("%s took '%s'", cases[i].key, cases[i].value);
        assert_non_null(strstr(buf_str(&fixture->error), cases[i].key));
        assert_non_null(strstr(buf_str(&fixture->error), "; write "));
    }
    assert_string_equal(fixture->options.models[0], "kept");
}

static void an_unknown_key_is_told_apart(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        simulator_options_set(&fixture->options, "ttf", "1s", &fixture->error), -ENOENT);
    assert_int_equal(
        simulator_options_set(&fixture->options, "ttft_", "1s", &fixture->error),
        -ENOENT);
}

static void what_is_set_behind_them_is_set_for_variants_too(void **state)
{
    const double points[] = {1e6, 2e6, 4e6};
    struct fixture *fixture = *state;
    struct simulator_options *options = &fixture->options;
    struct simulator_options *slow;

    assert_int_equal(simulator_options_add_variant(options, "slow", &slow), 0);
    assert_int_equal(simulator_distribution_set_quantiles(&slow->ttft, points, 3), 0);
    assert_int_equal(simulator_distribution_set_quantiles(&slow->ttft, points, 1),
                     -EINVAL);
    assert_int_equal(slow->ttft.kind, SIMULATOR_QUANTILES);
    assert_ptr_equal(simulator_options_of(options, "slow"), slow);
    assert_ptr_equal(simulator_options_of(options, "other"), options);
    set(fixture, "ttft", "5ms");
    assert_int_equal(slow->ttft.kind, SIMULATOR_CONSTANT);
    assert_int_equal(options->ttft.kind, SIMULATOR_CONSTANT);
}

#define WITH_OPTIONS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_OPTIONS(each_default_can_be_set_and_has_help),
        WITH_OPTIONS(values_reach_their_place),
        WITH_OPTIONS(a_bad_value_changes_nothing_and_is_explained),
        WITH_OPTIONS(an_unknown_key_is_told_apart),
        WITH_OPTIONS(what_is_set_behind_them_is_set_for_variants_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

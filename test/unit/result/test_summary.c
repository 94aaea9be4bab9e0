#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/buf.h"
#include "base/cpu_supply.h"
#include "made_run.h"
#include "measure/sample.h"
#include "result/summary.h"

#define MAX_TEXT ((size_t)1 << 24)

static json_t *build(struct made_run *run, struct made_options options)
{
    json_t *summary = NULL;

    made_run_init(run, options);
    assert_int_equal(summary_build(&run->facts, &summary), 0);
    return summary;
}

/* A node by its path: "totals.requests". Null where there is none. */
static json_t *at(json_t *node, const char *path)
{
    char key[64];

    while (node && *path) {
        const size_t len = strcspn(path, "/");

        snprintf(key, sizeof(key), "%.*s", (int)len, path);
        node = json_is_array(node) ? json_array_get(node, strtoul(key, NULL, 10))
                                   : json_object_get(node, key);
        path += len + (path[len] == '/');
    }
    return node;
}

static double number(json_t *summary, const char *path)
{
    json_t *node = at(summary, path);

    assert_true(json_is_number(node));
    return json_number_value(node);
}

static const char *text(json_t *summary, const char *path)
{
    assert_true(json_is_string(at(summary, path)));
    return json_string_value(at(summary, path));
}

static void the_headline_covers_the_measured_window_and_all_the_whole_run(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 4000});

    (void)state;
    assert_string_equal(text(summary, "schema"), "throng.summary/1");
    assert_string_equal(text(summary, "run/started_at"), "2026-11-21T10:09:00.000Z");
    assert_int_equal(number(summary, "run/seed"), 42);
    assert_string_equal(text(summary, "run/tags/team"), "search");
    assert_true(number(summary, "window/end_s") == 35);
    assert_int_equal(number(summary, "totals/requests"), 3500);
    assert_true(number(summary, "totals/requests_per_second") == 100);
    assert_int_equal(number(summary, "all/requests"), 4000);
    assert_int_equal(number(summary, "totals/users_peak"), 200);
    assert_int_equal(number(summary, "by/phase/cool-down/requests"), 500);
    assert_true(number(summary, "by/phase/cool-down/requests_per_second") == 100);
    json_decref(summary);
    made_run_deinit(&run);
}

static void the_grade_of_trust_stands_with_its_reasons(void **state)
{
    const struct cpu_loss loss = {.throttled_known = true, .throttled_ns = 4000000000};
    const struct trust_inputs inputs = {.elapsed_ns = UINT64_C(40000000000),
                                        .throttled_ns = loss.throttled_ns,
                                        .samples_dropped = 3,
                                        .load_end_ns = UINT64_MAX};
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 400});

    (void)state;
    assert_string_equal(text(summary, "client/trust"), "A");
    assert_int_equal(json_array_size(at(summary, "client/reasons")), 0);
    assert_true(json_is_null(at(summary, "client/throttled_s")));
    assert_true(json_is_null(at(summary, "client/cpu_wait_s")));
    json_decref(summary);
    trust_of(run.recorder, &inputs, &run.trust);
    run.facts.cpu_loss = &loss;
    recorder_stall(run.recorder, run.view.started_ns, run.view.started_ns + 30000000);
    assert_int_equal(summary_build(&run.facts, &summary), 0);
    assert_string_equal(text(summary, "client/trust"), "F");
    assert_int_equal(json_array_size(at(summary, "client/reasons")), 2);
    assert_string_equal(text(summary, "client/reasons/0/rule"), "samples_dropped");
    assert_string_equal(text(summary, "client/reasons/0/grade"), "F");
    assert_string_equal(text(summary, "client/reasons/1/rule"), "throttled");
    assert_string_equal(text(summary, "client/reasons/1/grade"), "D");
    assert_non_null(strstr(text(summary, "client/reasons/1/sentence"), "4000 ms, 10%"));
    assert_true(number(summary, "client/throttled_s") == 4);
    assert_true(number(summary, "client/throttled_share") == 0.098765);
    assert_int_equal(number(summary, "client/stalls"), 1);
    assert_true(number(summary, "client/longest_stall_s") == 0.03);
    json_decref(summary);
    made_run_deinit(&run);
}

static void a_spike_stands_with_what_was_before_and_after_it(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 4000});

    (void)state;
    assert_string_equal(text(summary, "spikes/0/phase"), "spike");
    assert_int_equal(number(summary, "spikes/0/users"), 200);
    assert_string_equal(text(summary, "spikes/0/metric"), "ttft");
    assert_string_equal(text(summary, "spikes/0/before/phase"), "sustained");
    assert_int_equal(number(summary, "spikes/0/before/requests"), 2000);
    assert_float_equal(number(summary, "spikes/0/before/ttft/p95"), 294, 4);
    assert_int_equal(number(summary, "spikes/0/during/requests"), 500);
    assert_float_equal(number(summary, "spikes/0/during/ttft/p50"), 449, 5);
    assert_float_equal(number(summary, "spikes/0/during/e2e/p95"), 674, 7);
    assert_true(number(summary, "spikes/0/during/error_rate") == 0);
    assert_string_equal(text(summary, "spikes/0/after/phase"), "sustained-2");
    assert_string_equal(text(summary, "spikes/0/recovery"), "recovered");
    assert_true(number(summary, "spikes/0/recovery_s") == 0);
    json_decref(summary);
    made_run_deinit(&run);
}

static void prompts_grow_from_turn_to_turn(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 4000});

    (void)state;
    assert_int_equal(json_array_size(at(summary, "conversations/turns")), 4);
    assert_int_equal(number(summary, "conversations/turns/0/turn"), 1);
    assert_int_equal(number(summary, "conversations/turns/0/requests"), 875);
    assert_true(number(summary, "conversations/turns/0/prompt_tokens_mean") == 40);
    assert_true(number(summary, "conversations/turns/3/prompt_tokens_mean") == 160);
    assert_float_equal(number(summary, "conversations/turns/3/ttft/p50"), 259, 5);
    json_decref(summary);
    made_run_deinit(&run);
}

static void a_spike_that_nobody_saw_has_null_for_figures(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 0});

    (void)state;
    assert_true(json_is_null(at(summary, "spikes/0/before")));
    assert_true(json_is_null(at(summary, "spikes/0/recovery_s")));
    assert_string_equal(text(summary, "spikes/0/recovery"), "unknown");
    json_decref(summary);
    made_run_deinit(&run);
}

static void latencies_are_in_milliseconds_and_tps_is_one_over_tpot(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 4000});

    (void)state;
    assert_string_equal(text(summary, "metrics/icl/unit"), "ms");
    assert_float_equal(number(summary, "metrics/icl/p50"), 20, 0.02);
    assert_float_equal(number(summary, "metrics/tpot/p50"), 20, 0.02);
    assert_string_equal(text(summary, "metrics/tps/unit"), "tokens/s");
    assert_float_equal(number(summary, "metrics/tps/p50"), 50, 0.05);
    assert_float_equal(number(summary, "metrics/tps/mean"), 50, 0.05);
    assert_int_equal(number(summary, "metrics/http_reqs/count"), 3500);
    assert_float_equal(number(summary, "by/phase/spike/metrics/ttft/p50"), 449, 5);
    json_decref(summary);
    made_run_deinit(&run);
}

static void a_percentile_among_the_censored_is_null_with_its_bound_beside(void **state)
{
    struct made_run run;
    json_t *summary =
        build(&run, (struct made_options){.requests = 4000, .failures = true});

    (void)state;
    assert_true(number(summary, "metrics/ttft/censored") > 200);
    assert_true(json_is_number(at(summary, "metrics/ttft/p50")));
    assert_null(at(summary, "metrics/ttft/above/p50"));
    assert_true(json_is_null(at(summary, "metrics/ttft/p95")));
    assert_float_equal(number(summary, "metrics/ttft/above/p95"), 4000, 40);
    assert_true(json_is_null(at(summary, "metrics/ttft/max")));
    assert_float_equal(number(summary, "metrics/ttft/above/max"), 4000, 1);
    json_decref(summary);
    made_run_deinit(&run);
}

static void a_percentile_of_too_few_observations_is_null_without_a_bound(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 80});

    (void)state;
    assert_int_equal(number(summary, "metrics/ttft/count"), 70);
    assert_true(json_is_number(at(summary, "metrics/ttft/p95")));
    assert_true(json_is_null(at(summary, "metrics/ttft/p99")));
    assert_true(json_is_null(at(summary, "metrics/tps/p99")));
    assert_null(at(summary, "metrics/ttft/above"));
    json_decref(summary);
    made_run_deinit(&run);
}

static void errors_stand_by_frequency_and_add_up(void **state)
{
    struct made_run run;
    json_t *summary =
        build(&run, (struct made_options){.requests = 4000, .failures = true});
    double sum = 0;

    (void)state;
    assert_string_equal(text(summary, "errors/0/kind"), "first_token_timeout");
    assert_string_equal(text(summary, "errors/1/kind"), "rate_limited");
    assert_string_equal(text(summary, "errors/1/help"),
                        outcome_help(OUTCOME_RATE_LIMITED));
    assert_string_equal(text(summary, "errors/0/example"), "");
    assert_string_equal(text(summary, "errors/1/example"),
                        "quota \"gold\" is used up\033[31m");
    sum = number(summary, "errors/0/count") + number(summary, "errors/1/count");
    assert_true(sum == number(summary, "totals/failed"));
    assert_float_equal(number(summary, "totals/error_rate"), sum / 3500, 1e-6);
    json_decref(summary);
    made_run_deinit(&run);
}

static void money_is_exact_and_numbers_are_short_in_the_text(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);
    json_t *summary = build(&run, (struct made_options){.requests = 4000});

    (void)state;
    assert_int_equal(summary_write(summary, &out), 0);
    /* 3500 × 25000010 pico-dollars */
    assert_non_null(strstr(buf_str(&out), "\"cost_usd\": 0.087500035,"));
    assert_non_null(strstr(buf_str(&out), "\"cost_pusd\": 87500035000,"));
    assert_null(strstr(buf_str(&out), "00000001"));
    assert_null(strstr(buf_str(&out), "9999999"));
    buf_deinit(&out);
    json_decref(summary);
    made_run_deinit(&run);
}

static void the_timeline_has_a_point_for_each_second(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 4000});
    double requests = 0;

    (void)state;
    assert_true(number(summary, "timeline/step_s") == 1);
    assert_int_equal(json_array_size(at(summary, "timeline/points")), 40);
    assert_true(number(summary, "timeline/points/39/end_s") == 40);
    assert_int_equal(number(summary, "timeline/points/39/users_active"), 200);
    assert_float_equal(number(summary, "timeline/points/27/ttft_p50"), 450, 10);
    for (size_t i = 0; i < 40; i++)
        requests += json_number_value(json_object_get(
            json_array_get(at(summary, "timeline/points"), i), "requests"));
    assert_true(requests == 4000);
    json_decref(summary);
    made_run_deinit(&run);
}

static void thresholds_and_verdicts_are_told(void **state)
{
    struct made_run run;
    json_t *summary = NULL;

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 4000, .failures = true});
    run.judged[1] = (struct threshold_judgement){.passed = true, .ignored = true};
    verdicts_add(&run.verdicts, EXIT_THRESHOLDS, "ttft was too slow.");
    assert_int_equal(summary_build(&run.facts, &summary), 0);
    assert_int_equal(number(summary, "run/exit_code"), 99);
    assert_string_equal(text(summary, "verdicts/0/sentence"), "ttft was too slow.");
    assert_string_equal(text(summary, "thresholds/0/expression"), "p(95)<2s");
    assert_true(json_is_false(at(summary, "thresholds/0/passed")));
    assert_true(json_is_null(at(summary, "thresholds/0/value")));
    assert_float_equal(number(summary, "thresholds/0/above"), 4000, 40);
    assert_true(json_is_false(at(summary, "thresholds/0/ignored")));
    assert_string_equal(text(summary, "thresholds/1/selector"), "model:small");
    assert_true(json_is_true(at(summary, "thresholds/1/ignored")));
    assert_true(json_is_null(at(summary, "thresholds/1/value")));
    json_decref(summary);
    made_run_deinit(&run);
}

static void a_run_that_measured_nothing_still_has_a_summary(void **state)
{
    struct made_run run;
    json_t *summary = build(&run, (struct made_options){.requests = 0});

    (void)state;
    assert_int_equal(number(summary, "totals/requests"), 0);
    assert_true(json_is_null(at(summary, "totals/error_rate")));
    assert_null(at(summary, "metrics/ttft"));
    assert_true(json_is_null(at(summary, "client/schedule_lag")));
    json_decref(summary);
    made_run_deinit(&run);
}

static void fault_15_names_that_are_not_utf_8_are_mended(void **state)
{
    struct made_run run;
    struct buf out = BUF_INIT(MAX_TEXT);
    json_t *summary = build(&run, (struct made_options){.requests = 4000, .evil = true});

    (void)state;
    assert_int_equal(summary_write(summary, &out), 0);
    assert_non_null(strstr(buf_str(&out),
                           "\"evil\\u001B[31m\\u001B[2J\\r\\nPASSED\xEF\xBF\xBD\": {"));
    buf_deinit(&out);
    json_decref(summary);
    made_run_deinit(&run);
}

/*
 * As much of JSON Schema as the summary's schema uses. Besides, every member of a document has to
 * be described: a field that nobody wrote down is a mistake here.
 */
struct validator {
    json_t *root;
    char path[512];
};

static void validate(struct validator *validator, json_t *schema, json_t *node);

static json_t *referred(struct validator *validator, json_t *schema)
{
    const char *reference = json_string_value(json_object_get(schema, "$ref"));

    if (!reference)
        return NULL;
    assert_int_equal(strncmp(reference, "#/$defs/", 8), 0);
    json_t *definition =
        json_object_get(json_object_get(validator->root, "$defs"), reference + 8);

    if (!definition)
        fail_msg("%s: no definition %s", validator->path, reference);
    return definition;
}

static bool has_type(json_t *node, const char *type)
{
    return (strcmp(type, "object") == 0 && json_is_object(node)) ||
           (strcmp(type, "array") == 0 && json_is_array(node)) ||
           (strcmp(type, "string") == 0 && json_is_string(node)) ||
           (strcmp(type, "integer") == 0 && json_is_integer(node)) ||
           (strcmp(type, "number") == 0 && json_is_number(node)) ||
           (strcmp(type, "boolean") == 0 && json_is_boolean(node)) ||
           (strcmp(type, "null") == 0 && json_is_null(node));
}

static void validate_type(struct validator *validator, json_t *type, json_t *node)
{
    bool fits = json_is_string(type) && has_type(node, json_string_value(type));

    for (size_t i = 0; i < json_array_size(type); i++)
        fits = fits || has_type(node, json_string_value(json_array_get(type, i)));
    if (type && !fits)
        fail_msg("%s is not of the type that the schema says", validator->path);
}

/* The schema of a member: of the object's own or, through $ref, of another's. */
static json_t *member_schema(struct validator *validator, json_t *schema, const char *key)
{
    json_t *own = json_object_get(json_object_get(schema, "properties"), key);
    json_t *more = json_object_get(schema, "additionalProperties");
    json_t *base = referred(validator, schema);

    if (own)
        return own;
    if (json_is_object(more))
        return more;
    return base ? member_schema(validator, base, key) : NULL;
}

static void validate_required(struct validator *validator, json_t *schema, json_t *node)
{
    json_t *required = json_object_get(schema, "required");
    json_t *base = referred(validator, schema);

    for (size_t i = 0; i < json_array_size(required); i++) {
        const char *key = json_string_value(json_array_get(required, i));

        if (!json_object_get(node, key))
            fail_msg("%s: %s is missing", validator->path, key);
    }
    if (base)
        validate_required(validator, base, node);
}

static void validate_members(struct validator *validator, json_t *schema, json_t *node)
{
    const size_t len = strlen(validator->path);
    const char *key = NULL;
    json_t *member = NULL;

    validate_required(validator, schema, node);
    json_object_foreach(node, key, member)
    {
        json_t *described = member_schema(validator, schema, key);

        snprintf(validator->path + len, sizeof(validator->path) - len, "/%s", key);
        if (!described)
            fail_msg("%s is not described", validator->path);
        validate(validator, described, member);
        validator->path[len] = '\0';
    }
}

/* The first of several schemas whose required members are all there. */
static json_t *fitting(struct validator *validator, json_t *any_of, json_t *node)
{
    for (size_t i = 0; i < json_array_size(any_of); i++) {
        json_t *definition = referred(validator, json_array_get(any_of, i));
        json_t *required = json_object_get(definition, "required");
        size_t met = 0;

        for (size_t j = 0; j < json_array_size(required); j++)
            met += json_object_get(
                       node, json_string_value(json_array_get(required, j))) != NULL;
        if (met == json_array_size(required))
            return definition;
    }
    fail_msg("%s fits none of the schemas", validator->path);
    return NULL;
}

static void validate(struct validator *validator, json_t *schema, json_t *node)
{
    json_t *choices = json_object_get(schema, "enum");
    json_t *constant = json_object_get(schema, "const");
    json_t *one_of = json_object_get(schema, "oneOf");
    json_t *any_of = json_object_get(schema, "anyOf");
    json_t *base = referred(validator, schema);

    if (any_of) {
        validate(validator, fitting(validator, any_of, node), node);
        return;
    }
    if (one_of) {
        validate(validator, json_array_get(one_of, json_is_null(node) ? 1 : 0), node);
        return;
    }
    if (base && (!json_is_object(node) || json_object_get(base, "oneOf") ||
                 json_object_get(base, "anyOf"))) {
        validate(validator, base, node);
        return;
    }
    validate_type(validator, json_object_get(schema, "type"), node);
    if (constant && !json_equal(constant, node))
        fail_msg("%s is not the constant of the schema", validator->path);
    bool listed = !choices;

    for (size_t i = 0; i < json_array_size(choices); i++)
        listed = listed || json_equal(json_array_get(choices, i), node);
    if (!listed)
        fail_msg("%s is none of the enum", validator->path);
    if (json_is_object(node))
        validate_members(validator, schema, node);
    for (size_t i = 0; i < json_array_size(node); i++)
        validate(validator, json_object_get(schema, "items"), json_array_get(node, i));
}

static json_t *load_schema(void)
{
    struct buf out = BUF_INIT(MAX_TEXT);
    json_error_t error;

    assert_int_equal(summary_schema(&out), 0);
    json_t *schema = json_loadb(out.bytes, out.len, JSON_REJECT_DUPLICATES, &error);

    if (!schema)
        fail_msg("schema:%d:%d: %s", error.line, error.column, error.text);
    buf_deinit(&out);
    return schema;
}

static void every_summary_satisfies_the_schema_which_describes_each_member(void **state)
{
    static const struct made_options cases[] = {
        {.requests = 4000},
        {.requests = 4000, .failures = true},
        {.requests = 80, .evil = true},
        {.requests = 400, .scripted = true},
        {.requests = 400, .failures = true, .objectives = true},
        {.requests = 0, .scripted = true},
        {.requests = 0},
    };
    struct validator validator = {.root = load_schema()};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct made_run run;
        json_t *summary = NULL;

        made_run_init(&run, cases[i]);
        verdicts_add(&run.verdicts, EXIT_THRESHOLDS, "A sentence.");
        assert_int_equal(summary_build(&run.facts, &summary), 0);
        validate(&validator, validator.root, summary);
        json_decref(summary);
        made_run_deinit(&run);
    }
    json_decref(validator.root);
}

static uint64_t allocations_left;

static void *scarce_malloc(size_t size)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left--;
    return malloc(size);
}

static void fault_49_every_failed_allocation_of_the_document_is_survived(void **state)
{
    struct made_run run;
    uint64_t survived = 0;

    (void)state;
    made_run_init(&run, (struct made_options){.requests = 80, .evil = true});
    json_set_alloc_funcs(scarce_malloc, free);
    /* Each of the first twenty, then fewer and fewer: the later are of the same kinds. */
    for (uint64_t allowed = 0;; allowed += 1 + allowed / 20) {
        json_t *summary = NULL;

        allocations_left = allowed;
        const int r = summary_build(&run.facts, &summary);

        if (r == 0) {
            json_decref(summary);
            break;
        }
        assert_null(summary);
        survived++;
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(survived > 80);
    made_run_deinit(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headline_covers_the_measured_window_and_all_the_whole_run),
        cmocka_unit_test(the_grade_of_trust_stands_with_its_reasons),
        cmocka_unit_test(a_spike_stands_with_what_was_before_and_after_it),
        cmocka_unit_test(prompts_grow_from_turn_to_turn),
        cmocka_unit_test(a_spike_that_nobody_saw_has_null_for_figures),
        cmocka_unit_test(latencies_are_in_milliseconds_and_tps_is_one_over_tpot),
        cmocka_unit_test(a_percentile_among_the_censored_is_null_with_its_bound_beside),
        cmocka_unit_test(a_percentile_of_too_few_observations_is_null_without_a_bound),
        cmocka_unit_test(errors_stand_by_frequency_and_add_up),
        cmocka_unit_test(money_is_exact_and_numbers_are_short_in_the_text),
        cmocka_unit_test(the_timeline_has_a_point_for_each_second),
        cmocka_unit_test(thresholds_and_verdicts_are_told),
        cmocka_unit_test(a_run_that_measured_nothing_still_has_a_summary),
        cmocka_unit_test(fault_15_names_that_are_not_utf_8_are_mended),
        cmocka_unit_test(every_summary_satisfies_the_schema_which_describes_each_member),
        cmocka_unit_test(fault_49_every_failed_allocation_of_the_document_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

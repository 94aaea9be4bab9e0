#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "made_run.h"
#include "measure/labels.h"
#include "output/exposition.h"
#include "output/family.h"
#include "output/family_custom.h"
#include "output/family_result.h"
#include "output/metric_text.h"

#define MAX_TEXT_BYTES ((size_t)4 << 20)

/* What a run says of itself, and its text. */
struct shown {
    struct made_run run;
    struct push_counts pushes;
    struct exposition *exposition;
    struct buf text;
};

static void show(struct shown *shown, struct made_options options, bool with_run)
{
    struct exposition_options exposition = {.plan = &shown->run.plan,
                                            .test_run = "run \"1\"",
                                            .worker_pod = "pod-0",
                                            .version = "1.2.3",
                                            .fingerprint = "abc"};
    struct interval_view rest;

    made_run_init(&shown->run, options);
    shown->pushes = (struct push_counts){.ok = 3, .failed = 2, .skipped = 1};
    shown->text = BUF_INIT(MAX_TEXT_BYTES);
    assert_int_equal(exposition_new(&exposition, &shown->exposition), 0);
    exposition_set_pushes(shown->exposition, &shown->pushes);
    recorder_close_interval(shown->run.recorder, shown->run.view.now_ns, &rest);
    assert_int_equal(exposition_take(shown->exposition, &shown->run.view), 0);
    assert_int_equal(exposition_write(shown->exposition, with_run, &shown->text), 0);
}

static void hide(struct shown *shown)
{
    exposition_free(shown->exposition);
    buf_deinit(&shown->text);
    made_run_deinit(&shown->run);
}

static unsigned count(const char *text, const char *words)
{
    unsigned found = 0;

    for (const char *at = strstr(text, words); at; at = strstr(at + 1, words))
        found++;
    return found;
}

static void every_family_has_its_help_and_type_once_and_before_its_samples(void **state)
{
    struct shown shown;
    const struct family *family;

    (void)state;
    show(&shown, (struct made_options){.requests = 400, .failures = true}, false);
    for (size_t i = 0; (family = family_at(i)); i++) {
        struct buf line = BUF_INIT(1000);
        const char *help;

        buf_printf(&line, "# HELP %s ", family->name);
        help = strstr(buf_str(&shown.text), buf_str(&line));
        assert_non_null(help);
        assert_int_equal(count(buf_str(&shown.text), buf_str(&line)), 1);
        buf_clear(&line);
        buf_printf(&line, "\n# TYPE %s %s\n", family->name,
                   family_type_name(family->type));
        assert_ptr_equal(strstr(help, buf_str(&line)), strchr(help, '\n'));
        buf_deinit(&line);
    }
    hide(&shown);
}

static void counts_are_those_of_the_recorder(void **state)
{
    struct shown shown;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 400}, false);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text, "\nthrong_requests_total{model=\"large\",step=\"ask\","
                                 "outcome=\"ok\"} 300\n"));
    assert_non_null(strstr(text, "\nthrong_requests_total{model=\"small\",step=\"ask\","
                                 "outcome=\"failed\"} 0\n"));
    assert_non_null(strstr(text, "\nthrong_tokens_total{model=\"large\",step=\"ask\","
                                 "type=\"completion\"} 3000\n"));
    assert_non_null(strstr(text, "\nthrong_cost_usd_total{model=\"small\","
                                 "step=\"ask\"} 0.002500001\n"));
    assert_non_null(strstr(text, "\nthrong_inter_chunk_latency_seconds_bucket{"
                                 "model=\"small\",step=\"ask\",le=\"0.015\"} 0\n"
                                 "throng_inter_chunk_latency_seconds_bucket{"
                                 "model=\"small\",step=\"ask\",le=\"0.02\"} 900\n"));
    assert_non_null(strstr(text, "\nthrong_inter_chunk_latency_seconds_sum{"
                                 "model=\"small\",step=\"ask\"} 18\n"));
    assert_non_null(strstr(text, "\nthrong_user_questions_total{user_id=\"99\"} 0\n"));
    assert_non_null(strstr(text, "\nthrong_user_tokens_total{user_id=\"0\"} "));
    assert_non_null(strstr(text, "\nthrong_pushes_total{result=\"failed\"} 2\n"));
    assert_non_null(strstr(text, "\nthrong_client_loop_lag_seconds_bucket{le=\"0.0001\"} "
                                 "400\n"));
    assert_null(strstr(text, "throng_errors_total{"));
    assert_null(strstr(text, "test_run"));
    hide(&shown);
}

static void a_text_that_is_scraped_says_of_which_run_it_is(void **state)
{
    struct shown shown;
    unsigned samples = 0;

    (void)state;
    show(&shown, (struct made_options){.requests = 40}, true);
    for (const char *at = buf_str(&shown.text); *at; at = strchr(at, '\n') + 1)
        samples += *at != '#';
    assert_int_equal(
        count(buf_str(&shown.text), "test_run=\"run \\\"1\\\"\",worker_pod=\"pod-0\"} "),
        samples);
    hide(&shown);
}

static void evil_names_stay_within_their_label(void **state)
{
    struct shown shown;

    (void)state;
    show(&shown, (struct made_options){.requests = 40, .evil = true}, false);
    assert_non_null(strstr(buf_str(&shown.text),
                           "throng_requests_total{model=\"evil\033[31m\033[2J\r\\n"
                           "PASSED\xEF\xBF\xBD\",step=\"ask\",outcome=\"ok\"} 10\n"));
    hide(&shown);
}

static void labels_are_escaped_and_empty_ones_left_out(void **state)
{
    const struct metric_label labels[] = {
        {"a", "back\\slash \"quote\" line\nbreak"}, {"b", ""}, {"c", "\xff"}};
    struct buf out = BUF_INIT(1000);
    struct metric_text text = {.out = &out};

    (void)state;
    metric_text_begin(&text, "m", "gauge", "a \\ and\nmore \"words\"");
    metric_text_sample(&text, "", labels, 3, 0.25);
    metric_text_sample(&text, "", &labels[1], 1, (double)INFINITY);
    metric_text_sample(&text, "", NULL, 0, (double)NAN);
    metric_text_whole(&text, "_sum", NULL, 0, UINT64_MAX);
    assert_string_equal(buf_str(&out), "# HELP m a \\\\ and\\nmore \"words\"\n"
                                       "# TYPE m gauge\n"
                                       "m{a=\"back\\\\slash \\\"quote\\\" line\\nbreak\","
                                       "c=\"\xEF\xBF\xBD\"} 0.25\n"
                                       "m +Inf\n"
                                       "m NaN\n"
                                       "m_sum 18446744073709551615\n");
    buf_deinit(&out);
}

static void limits_are_told_by_how_much_of_them_is_used_up(void **state)
{
    struct shown shown;
    struct plan reloaded;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 400}, false);
    assert_null(strstr(buf_str(&shown.text), "throng_limit_used_ratio{"));
    shown.run.plan.limits =
        (struct plan_limits){.requests = 800, .cost_pusd = 8000, .duration_ns = 100};
    shown.run.plan.worker_count = 2;
    shown.exposition->view.spent_pusd = 1000;
    shown.exposition->view.reserved_pusd = 500;
    shown.exposition->view.elapsed_ns = 40;
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text, "throng_limit_used_ratio{limit=\"cost\"} 0.375\n"));
    assert_non_null(strstr(text, "throng_limit_used_ratio{limit=\"requests\"} 1\n"));
    assert_non_null(strstr(text, "throng_limit_used_ratio{limit=\"duration\"} 0.4\n"));
    reloaded = shown.run.plan; /* the run has read its file again */
    reloaded.limits =
        (struct plan_limits){.requests = 1, .cost_pusd = 80000, .duration_ns = 100};
    reloaded.worker_index = 1; /* to which no request of one falls */
    shown.exposition->view.plan = &reloaded;
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text, "throng_limit_used_ratio{limit=\"cost\"} 0.0375\n"));
    assert_null(strstr(text, "throng_limit_used_ratio{limit=\"requests\"}"));
    hide(&shown);
}

static void the_end_is_told_once_it_is_there(void **state)
{
    struct shown shown;

    (void)state;
    show(&shown, (struct made_options){.requests = 4}, false);
    shown.exposition->ended_wall_ns = 0;
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    assert_null(strstr(buf_str(&shown.text), "\nthrong_run_end_time_seconds "));
    shown.run.view.state = RUN_DONE;
    assert_int_equal(exposition_take(shown.exposition, &shown.run.view), 0);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    assert_non_null(strstr(buf_str(&shown.text), "\nthrong_run_end_time_seconds "));
    hide(&shown);
}

static void what_models_answered_can_have_the_names_of_opentelemetry(void **state)
{
    struct shown shown;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 400}, false);
    assert_null(strstr(buf_str(&shown.text), "gen_ai"));
    shown.run.plan.outputs.naming = PLAN_NAMING_OTEL;
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(
        strstr(text, "\n# TYPE gen_ai_client_operation_duration_seconds histogram\n"));
    assert_non_null(
        strstr(text, "\ngen_ai_client_operation_time_to_first_chunk_seconds_count{"
                     "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\","
                     "gen_ai_request_model=\"large\",server_address=\"127.0.0.1\","
                     "server_port=\"8080\",step=\"ask\"} 300\n"));
    assert_non_null(
        strstr(text, "\ngen_ai_client_operation_time_per_output_chunk_seconds_bucket{"));
    assert_non_null(strstr(text, "gen_ai_token_type=\"output\""));
    assert_null(strstr(text, "\nthrong_time_to_first_token_seconds_count{"));
    assert_non_null(strstr(text, "\nthrong_requests_total{"));
    hide(&shown);
}

static void what_asked_no_model_keeps_its_name(void **state)
{
    const struct label browse = {"step", "browse"};
    struct sample sample = {.outcome = OUTCOME_OK, .sent_ns = 1000, .end_ns = 90001000};
    struct shown shown;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 40}, false);
    assert_int_equal(
        labels_intern(recorder_labels(shown.run.recorder), &browse, 1, &sample.labels),
        0);
    recorder_started(shown.run.recorder, 1000, sample.labels, false);
    recorder_sample(shown.run.recorder, &sample);
    shown.run.plan.outputs.naming = PLAN_NAMING_OTEL;
    assert_int_equal(exposition_take(shown.exposition, &shown.run.view), 0);
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(
        strstr(text, "\nthrong_request_duration_seconds_count{step=\"browse\"} 1\n"));
    assert_null(
        strstr(text, "\ngen_ai_client_operation_duration_seconds_count{step=\"browse\""));
    assert_null(strstr(text, "gen_ai_request_model=\"\""));
    hide(&shown);
}

static void a_result_has_the_scenarios_last_figures_and_no_run_in_its_labels(void **state)
{
    static const struct plan_baseline_latency before = {"ttft", "p95", 0.25};
    struct shown shown;
    struct buf text = BUF_INIT(MAX_TEXT_BYTES);

    (void)state;
    show(&shown, (struct made_options){.requests = 400}, false);
    assert_int_equal(family_result_write(&shown.run.facts, &text), 0);
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_passed 1\n"));
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_exit_code 0\n"));
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_latency_seconds{metric="
                                           "\"ttft\",aggregate=\"p95\"} "));
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_error_ratio 0\n"));
    assert_int_equal(count(buf_str(&text), "test_run="), 1); /* of _info */
    assert_null(strstr(buf_str(&text), "\nthrong_result_slo_met_ratio "));
    assert_null(strstr(buf_str(&text), "\nthrong_result_baseline_latency_seconds{"));
    verdicts_add(&shown.run.verdicts, EXIT_THRESHOLDS, "It was slow.");
    shown.run.plan.baseline_latencies = &before;
    shown.run.plan.baseline_latency_count = 1;
    buf_clear(&text);
    assert_int_equal(family_result_write(&shown.run.facts, &text), 0);
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_passed 0\n"));
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_exit_code 99\n"));
    assert_non_null(strstr(buf_str(&text), "\nthrong_result_baseline_latency_seconds{"
                                           "metric=\"ttft\",aggregate=\"p95\"} 0.25\n"));
    buf_deinit(&text);
    hide(&shown);
}

/* A quantile among those that had no output at all is not a number that anybody knows. */
static void quantiles_of_what_never_came_are_infinite(void **state)
{
    struct shown shown;
    struct interval_view interval;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 1}, false);
    for (uint64_t i = 0; i < 200; i++) {
        struct sample sample = {
            .outcome = i < 180 ? OUTCOME_OK : OUTCOME_FIRST_TOKEN_TIMEOUT,
            .flags = SAMPLE_STREAMED,
            .sent_ns = 1000,
            .first_output_ns = i < 180 ? 50001000 : 0,
            .last_output_ns = i < 180 ? 50001000 : 0,
            .end_ns = 90001000,
        };

        recorder_started(shown.run.recorder, 1000, 0, false);
        recorder_sample(shown.run.recorder, &sample);
    }
    recorder_close_interval(shown.run.recorder, shown.run.view.now_ns, &interval);
    exposition_add(shown.exposition, &interval);
    assert_int_equal(exposition_take(shown.exposition, &shown.run.view), 0);
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text, "_quantile_seconds{quantile=\"0.5\"} 0.05\n"));
    assert_non_null(strstr(text, "_quantile_seconds{quantile=\"0.95\"} +Inf\n"));
    assert_non_null(strstr(text, "_quantile_seconds_count 180\n"));
    hide(&shown);
}

/* Of the whole run: 52 of 75 requests to the large model in each second without the spike. */
static void what_met_its_slos_is_counted_by_labels(void **state)
{
    struct shown shown;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.requests = 4000, .objectives = true}, false);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text, "\nthrong_slo_operations_total{model=\"large\",step="
                                 "\"ask\",result=\"met\"} 1820\n"
                                 "throng_slo_operations_total{model=\"large\",step="
                                 "\"ask\",result=\"missed\"} 1180\n"));
    assert_non_null(strstr(text, "\nthrong_slo_missed_total{metric=\"ttft\"} 1550\n"));
    assert_non_null(strstr(text, "\nthrong_slo_missed_total{metric=\"tpot\"} 0\n"));
    assert_null(strstr(text, "metric=\"ttfo\""));
    hide(&shown);
    show(&shown, (struct made_options){.requests = 400}, false);
    assert_null(strstr(buf_str(&shown.text), "throng_slo_operations_total{"));
    hide(&shown);
}

/* Fresh families, as the run's own intervals tell of them. */
static void what_scripts_told_has_families_of_its_own(void **state)
{
    struct shown shown;
    struct interval_view interval;
    const char *text;

    (void)state;
    show(&shown, (struct made_options){.scripted = true}, false);
    assert_non_null(
        strstr(buf_str(&shown.text), "\nthrong_custom_misses_total 0\n# HELP "));
    for (int i = 1; i <= 100; i++) {
        recorder_metric(shown.run.recorder, 0, 0, i > 50, i);
        recorder_metric(shown.run.recorder, 1, 0, true, 100 * i);
        recorder_metric(shown.run.recorder, 2, 0, true, 0.5);
        recorder_metric(shown.run.recorder, 3, 0, true, i > 10);
        recorder_metric(shown.run.recorder, 4, 0, true, i);
        recorder_checked(shown.run.recorder, 0, i > 50, "is short", i > 5);
        recorder_iteration(shown.run.recorder, 0, true, 1000000);
    }
    recorder_close_interval(shown.run.recorder, shown.run.view.now_ns, &interval);
    exposition_add(shown.exposition, &interval);
    assert_int_equal(exposition_take(shown.exposition, &shown.run.view), 0);
    buf_clear(&shown.text);
    assert_int_equal(exposition_write(shown.exposition, false, &shown.text), 0);
    text = buf_str(&shown.text);
    assert_non_null(strstr(text,
                           "\n# TYPE throng_custom_lookup_duration_seconds summary\n"
                           "throng_custom_lookup_duration_seconds{quantile="
                           "\"0.5\"} 0.05"));
    assert_non_null(strstr(text, "\nthrong_custom_lookup_duration_seconds_sum 5.05\n"
                                 "throng_custom_lookup_duration_seconds_count 100\n"));
    assert_non_null(strstr(text, "\nthrong_custom_context_tokens_sum 505000\n"));
    assert_non_null(strstr(text, "\n# HELP throng_custom_misses_total Not found\n"
                                 "# TYPE throng_custom_misses_total counter\n"
                                 "throng_custom_misses_total 50\n"));
    assert_non_null(strstr(text, "\nthrong_custom_found_total{value=\"true\"} 90\n"
                                 "throng_custom_found_total{value=\"false\"} 10\n"));
    assert_non_null(strstr(text, "\nthrong_custom_depth_jobs 100\n"));
    assert_non_null(strstr(text, "\nthrong_checks_total{step=\"ask\",check=\"has words\","
                                 "result=\"passed\"} 0\n"));
    assert_non_null(strstr(text,
                           "\nthrong_checks_total{step=\"other\",check=\"is short\","
                           "result=\"failed\"} 5\n"));
    assert_non_null(strstr(text, "\nthrong_iterations_total 100\n"));
    hide(&shown);
}

/* A push with the same family twice would be refused as a whole. */
static void no_two_metrics_share_a_name(void **state)
{
    static const struct plan_metric metrics[] = {
        {.name = "x", .help = "", .kind = PLAN_METRIC_COUNTER, .unit = ""},
        {.name = "x_total", .help = "", .kind = PLAN_METRIC_COUNTER, .unit = ""},
        {.name = "y", .help = "", .kind = PLAN_METRIC_TREND, .unit = ""},
        {.name = "y_sum", .help = "", .kind = PLAN_METRIC_GAUGE, .unit = ""},
        {.name = "z_seconds",
         .help = "",
         .kind = PLAN_METRIC_GAUGE,
         .is_time = true,
         .unit = "ms"},
        {.name = "w", .help = "", .kind = PLAN_METRIC_GAUGE, .unit = "{evil} 1\n"},
    };
    const struct plan plan = {.metrics = metrics, .metric_count = 6};
    const struct customs none = {.each = NULL};
    struct buf out = BUF_INIT(10000);
    struct metric_text text = {.out = &out};

    (void)state;
    family_write_customs(&plan, &none, &text);
    assert_int_equal(count(buf_str(&out), "# TYPE "), 4);
    assert_int_equal(count(buf_str(&out), "# TYPE throng_custom_x_total counter\n"), 1);
    assert_int_equal(count(buf_str(&out), "# TYPE throng_custom_y summary\n"), 1);
    assert_int_equal(count(buf_str(&out), "# TYPE throng_custom_z_seconds gauge\n"), 1);
    assert_int_equal(count(buf_str(&out), "# TYPE throng_custom_w gauge\n"), 1);
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_has_its_help_and_type_once_and_before_its_samples),
        cmocka_unit_test(counts_are_those_of_the_recorder),
        cmocka_unit_test(a_text_that_is_scraped_says_of_which_run_it_is),
        cmocka_unit_test(evil_names_stay_within_their_label),
        cmocka_unit_test(labels_are_escaped_and_empty_ones_left_out),
        cmocka_unit_test(quantiles_of_what_never_came_are_infinite),
        cmocka_unit_test(limits_are_told_by_how_much_of_them_is_used_up),
        cmocka_unit_test(the_end_is_told_once_it_is_there),
        cmocka_unit_test(what_models_answered_can_have_the_names_of_opentelemetry),
        cmocka_unit_test(what_asked_no_model_keeps_its_name),
        cmocka_unit_test(
            a_result_has_the_scenarios_last_figures_and_no_run_in_its_labels),
        cmocka_unit_test(what_met_its_slos_is_counted_by_labels),
        cmocka_unit_test(what_scripts_told_has_families_of_its_own),
        cmocka_unit_test(no_two_metrics_share_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

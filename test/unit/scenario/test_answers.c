/*
 * What steps say about their answers, and how people take them: checks, extracts, records, expressions,
 * bodies, manners; and the environments of a file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "written.h"

#define HEAD                                                                             \
    "scenario: a\ntarget: http://h\nload: [{phase: sustained, users: 5, for: 1s}]\n"

static void checks_are_what_their_one_key_says(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "users: {u: {flow: [{http: GET /, check: {a: .ok, b: {status: [200, 204]}, c: "
        "{header: X-Cache}, d: {header: {X-Cache: HIT}}, e: {contains: "
        "'{{ user.id }}'}, f: {matches: 'a+'}, g: {latency: 500ms}}, expect: {body: "
        ".ok}}, {http: GET /b, check: [.ok, .b]}]}}\n",
        NULL);
    const struct plan_check *checks = plan->steps[0].checks;

    (void)state;
    assert_int_equal(plan->steps[0].check_count, 8);
    assert_string_equal(checks[0].name, "a");
    assert_int_equal(checks[0].kind, PLAN_CHECK_QUERY);
    assert_string_equal(plan->queries[checks[0].query], ".ok");
    assert_int_equal(checks[1].kind, PLAN_CHECK_STATUS);
    assert_int_equal(checks[1].status_count, 2);
    assert_int_equal(checks[1].statuses[1], 204);
    assert_int_equal(checks[2].kind, PLAN_CHECK_HEADER);
    assert_string_equal(checks[2].header, "X-Cache");
    assert_null(checks[2].text.text);
    assert_string_equal(checks[3].text.text, "HIT");
    assert_int_equal(checks[4].kind, PLAN_CHECK_CONTAINS);
    assert_non_null(checks[4].text.template);
    assert_int_equal(checks[5].kind, PLAN_CHECK_MATCHES);
    assert_string_equal(plan->patterns[checks[5].pattern], "a+");
    assert_int_equal(checks[6].kind, PLAN_CHECK_LATENCY);
    assert_int_equal(checks[6].latency_ns, 500 * NS_PER_MS);
    assert_true(checks[7].expected);
    assert_int_equal(checks[7].query, checks[0].query);
    assert_int_equal(plan->steps[1].check_count, 2);
    assert_string_equal(plan->steps[1].checks[1].name, ".b");
    assert_int_equal(plan->query_count, 2);
    plan_free(plan);
}

static void extracts_say_from_where_and_into_what(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "users: {u: {flow: [{http: GET /, extract: {a: .id, b: {header: Location, "
        "default: /}, c: {regex: 'x(y)'}, d: {regex: xy}, e: {status: true}, f: {jq: .t, "
        "required: true, secret: true}}}]}}\n",
        NULL);
    const struct plan_extract *extracts = plan->steps[0].extracts;

    (void)state;
    assert_int_equal(plan->steps[0].extract_count, 6);
    assert_int_equal(extracts[0].kind, PLAN_EXTRACT_QUERY);
    assert_string_equal(plan->variables[extracts[1].variable].name, "b");
    assert_string_equal(extracts[1].header, "Location");
    assert_string_equal(extracts[1].fallback, "/");
    assert_int_equal(extracts[2].group, 1);
    assert_int_equal(extracts[3].group, 0);
    assert_int_equal(extracts[4].kind, PLAN_EXTRACT_STATUS);
    assert_true(extracts[5].required);
    assert_true(plan->variables[extracts[5].variable].secret);
    assert_false(plan->variables[extracts[0].variable].secret);
    plan_free(plan);
}

static void records_are_the_steps_then_the_classes_then_the_scenarios(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "metrics: {a: counter, b: {trend: time}, c: rate, d: {gauge: number, unit: "
        "jobs, help: waiting}}\n"
        "record: {c: .failed | not}\n"
        "users: {u: {record: {b: .duration_ms}, record_iteration: {d: .duration_ms}, "
        "flow: [{http: GET /, record: {a: true}}]}}\n"
        "thresholds: {b: p(95)<500ms, a: count<5, c: rate>90%}\n",
        NULL);
    const struct plan_step *step = &plan->steps[0];

    (void)state;
    assert_int_equal(plan->metric_count, 4);
    assert_int_equal(plan->metrics[0].kind, PLAN_METRIC_COUNTER);
    assert_true(plan->metrics[1].is_time);
    assert_string_equal(plan->metrics[1].unit, "ms");
    assert_int_equal(plan->metrics[2].kind, PLAN_METRIC_RATE);
    assert_int_equal(plan->metrics[3].kind, PLAN_METRIC_GAUGE);
    assert_string_equal(plan->metrics[3].unit, "jobs");
    assert_int_equal(step->record_count, 3);
    assert_int_equal(step->records[0].metric, 0);
    assert_int_equal(step->records[0].query, PLAN_NONE);
    assert_int_equal(step->records[1].metric, 1);
    assert_int_equal(step->records[2].metric, 2);
    assert_int_equal(plan->classes[0].record_count, 1);
    assert_int_equal(plan->threshold_count, 3);
    plan_free(plan);
}

static void names_get_one_number_each(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "vars: {token: abc}\n"
        "data: {people: people.csv}\n"
        "users: {u: {auth: '{{ vars.token }}', flow: [{http: 'GET "
        "/{{ data.people.id }}/{{ vars.token }}', headers: {X-A: '{{ data.people.city "
        "}}'}}, {http: GET /b, auth: none}]}}\n",
        NULL);

    size_t feeder_names = 0;

    (void)state;
    assert_int_equal(plan->name_count, 3);
    assert_int_equal(plan->feeders[0].column_count, 2);
    for (size_t i = 0; i < plan->name_count; i++)
        feeder_names += plan->names[i].kind == PLAN_NAME_FEEDER;
    assert_int_equal(feeder_names, 2);
    assert_string_equal(plan->steps[0].name,
                        "GET /{{ data.people.id }}/{{ vars.token }}");
    assert_non_null(plan->steps[0].http.path.template);
    assert_non_null(plan->steps[0].auth.template);
    assert_string_equal(plan->steps[1].auth.text, "");
    assert_int_equal(plan->initial_count, 1);
    plan_free(plan);
}

/* Only a variable of the user is looked for, not whatever else is called vars. */
static void what_is_no_variable_in_a_query_is_not_looked_for(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "vars: {n: 1}\n"
        "users: {u: {flow: [{http: GET /, check: {a: .json.vars.x == 1, b: "
        "'.a[\".vars.y\"] // \"is .vars.z\"', c: '.list[0].vars.w'}}, {http: GET /b, "
        "when: (.vars.n+.vars.n) == 2}]}}\n",
        NULL);

    (void)state;
    assert_int_equal(plan->query_count, 4);
    plan_free(plan);
}

static void
slos_are_the_steps_else_the_classes_else_the_scenarios_as_a_whole(void **state)
{
    struct plan *plan = written_plan(
        "scenario: a\nload: [{phase: sustained, users: 5, for: 1s}]\n"
        "target: http://h\n"
        "slo: {ttft: 500ms, tpot: 50ms}\n"
        "users:\n"
        "  a: {slo: {e2e: 10s}, flow: [{http: GET /}, {http: GET /b, slo: {ttfb: 250us, "
        "http_req_duration: 1s, operation_duration: 1m}}, {http: GET /c, slo: {}}]}\n"
        "  b: {model: m, flow: [chat]}\n",
        NULL);
    const struct plan_step *steps = plan->steps;

    (void)state;
    assert_int_equal(steps[0].slo->limit_ns[PLAN_SLO_E2E], 10 * NS_PER_S);
    assert_int_equal(steps[0].slo->limit_ns[PLAN_SLO_TTFT], 0);
    assert_int_equal(steps[1].slo->limit_ns[PLAN_SLO_E2E], 0);
    assert_int_equal(steps[1].slo->limit_ns[PLAN_SLO_TTFB], 250 * NS_PER_US);
    assert_null(steps[2].slo);
    assert_int_equal(steps[3].slo->limit_ns[PLAN_SLO_TTFT], 500 * NS_PER_MS);
    assert_int_equal(steps[3].slo->limit_ns[PLAN_SLO_TPOT], 50 * NS_PER_MS);
    assert_int_equal(plan_slo_metrics(plan),
                     (1u << PLAN_SLO_COUNT) - 1 - (1u << PLAN_SLO_TTFO));
    plan_free(plan);
}

static void manners_are_the_steps_else_the_classes_else_the_scenarios(void **state)
{
    struct plan *plan = written_plan(
        "scenario: a\nload: [{phase: sustained, users: 5, for: 1s}]\n"
        "targets: {one: {url: http://h, retry: 2, circuit_breaker: 25%}, two: http://i}\n"
        "patience: {total: 30s}\n"
        "cookies: keep\n"
        "users:\n"
        "  a: {target: one, patience: {first_token: 5s..10s, then: leave}, flow: [{http: "
        "GET "
        "/}, {http: GET /b, target: two}, {http: GET /c, retry: {attempts: 5, on: [dns, "
        "418]}, reads: 2KiB/s, chaos: {drop: 1%}}]}\n"
        "  b: {target: two, cookies: off, flow: [{http: GET /d}]}\n",
        NULL);
    const struct plan_step *steps = plan->steps;

    (void)state;
    assert_int_equal(steps[0].retry->attempts, 2);
    assert_null(steps[1].retry);
    assert_int_equal(steps[2].retry->attempts, 5);
    assert_int_equal(steps[2].retry->status_count, 1);
    assert_int_equal(steps[2].retry->statuses[0], 418);
    assert_true(steps[2].retry->outcomes != 0);
    assert_true(steps[0].patience->leaves);
    assert_int_equal(steps[0].patience->first_token.kind, PLAN_PAUSE_UNIFORM);
    assert_int_equal(steps[0].patience->total.kind, PLAN_PAUSE_NONE);
    assert_int_equal(steps[3].patience->total.base_ns, 30 * NS_PER_S);
    assert_int_equal(steps[2].reading->bytes_per_s, 2048);
    assert_null(steps[0].reading);
    assert_non_null(steps[2].chaos);
    assert_null(steps[0].chaos);
    assert_true(plan->targets[0].breaker.on);
    assert_false(plan->targets[1].breaker.on);
    assert_true(plan->classes[0].keeps_cookies);
    assert_false(plan->classes[1].keeps_cookies);
    plan_free(plan);
}

static void keys_of_a_chat_that_the_plan_does_not_know_are_sent_as_they_are(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "users: {u: {model: m, flow: [{chat: {prompt: Hi, stop: [A, B], top_p: 0.5, "
        "seed: 7, extra_body: {seed: 8, user: '{{ user.id }}'}}}, {embeddings: {batch: "
        "4}}, {chat: {messages: [{role: system, content: Be}, {content: [{type: "
        "text}]}]}}]}}\n",
        NULL);

    (void)state;
    assert_string_equal(
        plan->steps[0].chat.extra_body.text,
        "{\"top_p\":0.5,\"stop\":[\"A\",\"B\"],\"seed\":8,\"user\":\"{{ user.id }}\"}");
    assert_non_null(plan->steps[0].chat.extra_body.template);
    assert_int_equal(plan->steps[1].chat.batch, 4);
    assert_false(plan->steps[1].chat.stream);
    assert_int_equal(plan->steps[2].chat.say, PLAN_SAY_MESSAGES);
    assert_string_equal(plan->steps[2].chat.messages[0].role, "system");
    assert_string_equal(plan->steps[2].chat.messages[1].role, "user");
    assert_true(plan->steps[2].chat.messages[1].parts);
    assert_string_equal(plan->steps[2].chat.messages[1].content.text,
                        "[{\"type\":\"text\"}]");
    plan_free(plan);
}

static void lengths_are_constant_uniform_or_drawn(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "users: {u: {model: m, flow: [{chat: {synthetic: {input: 512, output: "
        "100..200, exact_output: true}, prefix: {tokens: 100, hit_ratio: 80%, pool: "
        "3}}}, {chat: {synthetic: {input: {mean: 800, deviation: 300, max: 4000}}}}]}}\n",
        NULL);
    const struct plan_synthetic *one = &plan->steps[0].chat.synthetic;
    const struct plan_synthetic *two = &plan->steps[1].chat.synthetic;

    (void)state;
    assert_int_equal(plan->steps[0].chat.say, PLAN_SAY_SYNTHETIC);
    assert_int_equal(one->input.kind, PLAN_LENGTH_CONSTANT);
    assert_int_equal(one->input.min_tokens, 512);
    assert_int_equal(one->output.kind, PLAN_LENGTH_UNIFORM);
    assert_int_equal(one->output.max_tokens, 200);
    assert_true(one->exact_output);
    assert_int_equal(plan->steps[0].chat.prefix.tokens, 100);
    assert_int_equal(plan->steps[0].chat.prefix.pool, 3);
    assert_int_equal(two->input.kind, PLAN_LENGTH_NORMAL);
    assert_int_equal(two->input.max_tokens, 4000);
    assert_int_equal(two->output.kind, PLAN_LENGTH_NONE);
    plan_free(plan);
}

static void questions_of_ones_own_draw_from_their_lists(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "questions: {support: {templates: ['How do I {{ lists.verb }} my "
        "{{ lists.thing }}?', Why?], lists: {verb: [reset, find], thing: [key]}}}\n"
        "users: {u: {model: m, flow: [{chat: {question: support}}, {chat: {question: "
        "technical}}]}}\n",
        NULL);

    (void)state;
    assert_int_equal(plan->question_count, 1);
    assert_int_equal(plan->questions[0].template_count, 2);
    assert_non_null(plan->questions[0].templates[0].template);
    assert_int_equal(plan->questions[0].list_count, 2);
    assert_string_equal(plan->questions[0].lists[0].words[1], "find");
    assert_int_equal(plan->steps[0].chat.questions, 0);
    assert_int_equal(plan->steps[1].chat.questions, PLAN_NONE);
    assert_string_equal(plan->steps[1].chat.strategy_name, "technical");
    plan_free(plan);
}

/* A file beside the others, in the folder that is the test's own. */
static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void files_are_found_beside_the_one_that_names_them(void **state)
{
    char folder[] = "/tmp/throng-answers-XXXXXX";
    struct plan *plan;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(chdir(folder), 0);
    write_file("body.bin", "{{ as it is }}");
    write_file("questions.yaml", "templates: [Why?]\n");
    write_file("scenario.yaml", HEAD
               "data: {people: sub/people.csv}\n"
               "questions: {q: questions.yaml}\n"
               "users: {u: {flow: [{http: {request: POST /, file: body.bin}}, {http: "
               "{request: POST /, multipart: {a: b, c: {file: body.bin}}}}]}}\n");
    assert_int_equal(chdir("/"), 0);
    {
        char path[100];

        (void)snprintf(path, sizeof(path), "%s/scenario.yaml", folder);
        plan = written_plan_of_file(path);
        (void)snprintf(path, sizeof(path), "%s/sub/people.csv", folder);
        assert_string_equal(plan->feeders[0].path, path);
    }
    assert_string_equal(plan->steps[0].http.body.text, "{{ as it is }}");
    assert_null(plan->steps[0].http.body.template);
    assert_string_equal(plan->steps[1].http.parts[1].file_name, "body.bin");
    assert_string_equal(plan->steps[1].http.parts[0].value.text, "b");
    assert_string_equal(plan->questions[0].templates[0].text, "Why?");
    plan_free(plan);
    assert_int_equal(chdir(folder), 0);
    assert_int_equal(
        unlink("body.bin") | unlink("questions.yaml") | unlink("scenario.yaml"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void an_environment_is_laid_over_the_rest(void **state)
{
    static const char text[] = HEAD "env: staging\n"
                                    "environments:\n"
                                    "  staging: {target: http://staging, seed: 5}\n"
                                    "  production: {users: {u: {iterations: 3}}}\n"
                                    "users: {u: {flow: [{http: GET /}]}}\n";
    struct scenario_options options = {.config = {.environment = NULL}};
    struct plan *plan = written_plan(text, &options);

    (void)state;
    assert_string_equal(plan->targets[0].origin, "http://staging");
    assert_int_equal(plan->seed, 5);
    plan_free(plan);
    options.config.environment = "production";
    plan = written_plan(text, &options);
    assert_string_equal(plan->targets[0].origin, "http://h");
    assert_int_equal(plan->classes[0].iterations, 3);
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_are_what_their_one_key_says),
        cmocka_unit_test(extracts_say_from_where_and_into_what),
        cmocka_unit_test(records_are_the_steps_then_the_classes_then_the_scenarios),
        cmocka_unit_test(names_get_one_number_each),
        cmocka_unit_test(what_is_no_variable_in_a_query_is_not_looked_for),
        cmocka_unit_test(
            slos_are_the_steps_else_the_classes_else_the_scenarios_as_a_whole),
        cmocka_unit_test(manners_are_the_steps_else_the_classes_else_the_scenarios),
        cmocka_unit_test(keys_of_a_chat_that_the_plan_does_not_know_are_sent_as_they_are),
        cmocka_unit_test(lengths_are_constant_uniform_or_drawn),
        cmocka_unit_test(questions_of_ones_own_draw_from_their_lists),
        cmocka_unit_test(files_are_found_beside_the_one_that_names_them),
        cmocka_unit_test(an_environment_is_laid_over_the_rest),
    };

    return cmocka_run_group_tests_name("scenario/answers", tests, NULL, NULL);
}

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "scenario/url.h"
#include "written.h"

static const char tenants[] =
    "scenario: three-tenants\n"
    "description: 60 people\n"
    "seed: 42\n"
    "target: ${BASE_URL:-simulator}\n"
    "simulator: {ttft: 200ms, error_status: [500, 503]}\n"
    "models:\n"
    "  gpt-4o: {price: {prompt: 2.50, cached: 1.25, completion: 10.00}, theoretical_tps: "
    "80}\n"
    "users:\n"
    "  asker:\n"
    "    weight: 7\n"
    "    think_time: {base: 3s, variance: 1500ms, distribution: gaussian, min: 500ms, "
    "max: 10s}\n"
    "    flow:\n"
    "      - repeat: 10\n"
    "        steps:\n"
    "          - chat: {model: gpt-4o, question: historical, max_tokens: 200, "
    "conversation: keep}\n"
    "          - think\n"
    "  browser:\n"
    "    weight: 3\n"
    "    think_time: 2s..5s\n"
    "    tags: {who: browser}\n"
    "    flow:\n"
    "      - http: GET /v1/models\n"
    "        name: list_models\n"
    "        expect: {status: [200, 503], degraded: [503]}\n"
    "load:\n"
    "  - {phase: ramp-up, users: 60, over: 30s, shape: linear}\n"
    "  - {phase: sustained, for: 5m}\n"
    "  - {phase: spike, users: 200, for: 20s}\n"
    "  - {phase: cool-down, users: 0, over: 10s}\n"
    "limits: {cost: 10.00 USD, error_rate: {above: 10%, over: 30s}, duration: 30m}\n"
    "thresholds:\n"
    "  ttft: [\"p(50)<500ms\", \"p(95)<2s\"]\n"
    "  \"error_rate{org_id:one}\": {threshold: rate<1%, abort_on_fail: true}\n";

/* What each text below has in common: target, users with a flow, load. */
#define HEAD                                                                             \
    "scenario: a\ntarget: http://h\nload: [{phase: sustained, users: 5, for: 1s}]\n"

static void the_head_of_a_scenario_is_the_plans(void **state)
{
    struct plan *plan = written_plan(tenants, NULL);

    (void)state;
    assert_string_equal(plan->name, "three-tenants");
    assert_string_equal(plan->description, "60 people");
    assert_int_equal(plan->seed, 42);
    assert_false(plan->unique_over_seed);
    assert_int_equal(plan->worker_count, 1);
    assert_int_equal(plan->graceful_stop_ns, 30 * NS_PER_S);
    assert_int_equal(plan->target_count, 1);
    assert_string_equal(plan->targets[0].name, "default");
    assert_true(plan->targets[0].simulator);
    assert_string_equal(plan->targets[0].api_prefix, "/v1");
    assert_int_equal(plan->simulator_count, 2);
    assert_string_equal(plan->simulator[1].key, "error_status");
    assert_string_equal(plan->simulator[1].value, "500,503");
    plan_free(plan);
}

static void prices_become_pico_dollars_per_token(void **state)
{
    struct plan *plan = written_plan(tenants, NULL);
    const struct plan_model *model = &plan->models[0];

    (void)state;
    assert_int_equal(plan->model_count, 1);
    assert_string_equal(model->name, "gpt-4o");
    assert_true(model->priced);
    assert_int_equal(model->prompt_pusd, 2500000);
    assert_int_equal(model->cached_pusd, 1250000);
    assert_int_equal(model->completion_pusd, 10000000);
    assert_int_equal(model->reasoning_pusd, 10000000);
    assert_int_equal(model->target, PLAN_NONE);
    plan_free(plan);
}

static void classes_have_their_share_pause_and_tags(void **state)
{
    struct plan *plan = written_plan(tenants, NULL);

    (void)state;
    assert_int_equal(plan->class_count, 2);
    assert_int_equal(plan->classes[0].weight, 7);
    assert_int_equal(plan->classes[0].think.kind, PLAN_PAUSE_GAUSSIAN);
    assert_int_equal(plan->classes[0].think.base_ns, 3 * NS_PER_S);
    assert_int_equal(plan->classes[0].think.max_ns, 10 * NS_PER_S);
    assert_int_equal(plan->classes[1].think.kind, PLAN_PAUSE_UNIFORM);
    assert_int_equal(plan->classes[1].think.base_ns, 3500 * NS_PER_MS);
    assert_int_equal(plan->classes[1].think.variance_ns, 1500 * NS_PER_MS);
    assert_int_equal(plan->classes[1].think.min_ns, 2 * NS_PER_S);
    assert_int_equal(plan->classes[1].think.max_ns, 5 * NS_PER_S);
    assert_int_equal(plan->classes[1].tag_count, 1);
    assert_string_equal(plan->classes[1].tags[0].value, "browser");
    plan_free(plan);
}

static void check_program(const struct plan *plan, size_t at,
                          const struct plan_instruction *expected, size_t count)
{
    const struct plan_program *program = &plan->programs[plan->classes[at].program];

    assert_int_equal(program->instruction_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(program->instructions[i].op, expected[i].op);
        assert_int_equal(program->instructions[i].a, expected[i].a);
        assert_int_equal(program->instructions[i].b, expected[i].b);
    }
}

static void a_flow_becomes_a_program(void **state)
{
    static const struct plan_instruction asker[] = {
        {PLAN_OP_LOOP_BEGIN, 0, 10}, {PLAN_OP_REQUEST, 0, 0}, {PLAN_OP_THINK, 1, 0},
        {PLAN_OP_LOOP_END, 0, 1},    {PLAN_OP_END, 0, 0},
    };
    /* A flow without a think pauses at its end. */
    static const struct plan_instruction browser[] = {
        {PLAN_OP_REQUEST, 2, 0}, {PLAN_OP_THINK, 3, 0}, {PLAN_OP_END, 0, 0}};
    struct plan *plan = written_plan(tenants, NULL);
    const struct plan_step *steps = plan->steps;

    (void)state;
    check_program(plan, 0, asker, COUNT_OF(asker));
    check_program(plan, 1, browser, COUNT_OF(browser));
    assert_int_equal(plan->step_count, 4);
    assert_int_equal(steps[0].kind, PLAN_STEP_CHAT);
    assert_string_equal(steps[0].name, "chat");
    assert_int_equal(steps[0].target, PLAN_NONE);
    assert_string_equal(steps[0].chat.strategy_name, "historical");
    assert_int_equal(steps[0].chat.conversation, PLAN_CONVERSATION_KEEP);
    assert_int_equal(steps[0].chat.max_tokens, 200);
    assert_true(isnan(steps[0].chat.temperature));
    assert_true(steps[0].chat.stream && steps[0].chat.include_usage);
    assert_null(steps[1].pause);
    assert_int_equal(steps[2].kind, PLAN_STEP_HTTP);
    assert_string_equal(steps[2].name, "list_models");
    assert_string_equal(steps[2].http.method, "GET");
    assert_string_equal(steps[2].http.path.text, "/v1/models");
    assert_int_equal(steps[2].expect_count, 2);
    assert_int_equal(steps[2].expect[1].status, 503);
    assert_true(steps[2].expect[1].degraded && !steps[2].expect[0].degraded);
    plan_free(plan);
}

static void a_pick_jumps_behind_its_branches(void **state)
{
    static const struct plan_instruction expected[] = {
        {PLAN_OP_PICK, 0, 2},     {PLAN_OP_REQUEST, 0, 0},    {PLAN_OP_JUMP, 9, 0},
        {PLAN_OP_PICK, 2, 1},     {PLAN_OP_LOOP_BEGIN, 0, 3}, {PLAN_OP_REQUEST, 1, 0},
        {PLAN_OP_LOOP_END, 0, 5}, {PLAN_OP_JUMP, 8, 0},       {PLAN_OP_JUMP, 9, 0},
        {PLAN_OP_REQUEST, 2, 0},  {PLAN_OP_END, 0, 0},
    };
    struct plan *plan = written_plan(
        HEAD "users:\n"
             "  one:\n"
             "    flow:\n"
             "      - pick:\n"
             "          - {weight: 7, steps: [http: /a]}\n"
             "          - steps: [{pick: [{steps: [{repeat: 3, steps: [http: /b]}]}]}]\n"
             "      - http: /c\n",
        NULL);
    const struct plan_branch *branches = plan->programs[0].branches;

    (void)state;
    check_program(plan, 0, expected, COUNT_OF(expected));
    assert_int_equal(plan->programs[0].branch_count, 3);
    assert_int_equal(branches[0].weight, 7);
    assert_int_equal(branches[0].instruction, 1);
    assert_int_equal(branches[1].weight, 1);
    assert_int_equal(branches[1].instruction, 3);
    assert_int_equal(branches[2].instruction, 4);
    plan_free(plan);
}

static void the_model_comes_from_step_class_or_the_only_one(void **state)
{
    struct plan *plan =
        written_plan(HEAD "users:\n"
                          "  one: {model: small, flow: [chat, {chat: {model: large}}]}\n"
                          "  two: {flow: [{chat: {model: small}}]}\n",
                     NULL);

    (void)state;
    assert_int_equal(plan->model_count, 2);
    assert_string_equal(plan->models[plan->steps[0].chat.model].name, "small");
    assert_string_equal(plan->models[plan->steps[1].chat.model].name, "large");
    assert_int_equal(plan->steps[2].chat.model, plan->steps[0].chat.model);
    assert_false(plan->models[0].priced);
    plan_free(plan);
    plan = written_plan(HEAD "models: {only: {}}\nusers: {one: {flow: [chat]}}\n", NULL);
    assert_string_equal(plan->models[plan->steps[0].chat.model].name, "only");
    plan_free(plan);
}

static void bodies_are_written_as_their_kind_wants_them(void **state)
{
    struct plan *plan = written_plan(
        HEAD "users:\n"
             "  one:\n"
             "    flow:\n"
             "      - http: {request: POST /a, json: {n: 1, s: '1', l: [true, ~, x y]}}\n"
             "      - http: {request: PUT /b, form: {a b: 'c&d', e: ü}}\n"
             "      - http: {request: DELETE /c, raw: hello, content_type: text/x}\n"
             "      - chat: {model: m, extra_body: {top_k: 5, deep: {x: 0.5}}}\n",
        NULL);

    (void)state;
    assert_string_equal(plan->steps[0].http.method, "POST");
    assert_string_equal(plan->steps[0].http.body.text,
                        "{\"n\":1,\"s\":\"1\",\"l\":[true,null,\"x y\"]}");
    assert_string_equal(plan->steps[0].http.content_type, "application/json");
    assert_string_equal(plan->steps[1].http.body.text, "a%20b=c%26d&e=%C3%BC");
    assert_int_equal(plan->steps[1].http.body.len, strlen("a%20b=c%26d&e=%C3%BC"));
    assert_string_equal(plan->steps[2].http.body.text, "hello");
    assert_string_equal(plan->steps[2].http.content_type, "text/x");
    assert_string_equal(plan->steps[3].chat.extra_body.text,
                        "{\"top_k\":5,\"deep\":{\"x\":0.5}}");
    plan_free(plan);
}

static void a_target_has_its_key_headers_and_limits(void **state)
{
    struct plan *plan = written_plan(
        "scenario: a\n"
        "load: [{phase: sustained, users: 5, for: 1s}]\n"
        "targets:\n"
        "  main: {url: 'https://h:8443/openai/', api_key: abc, headers: {X-Team: one}, "
        "http: 2,\n"
        "         connections: {reuse: user, max: 5}, timeouts: {first_token: 3s}}\n"
        "  other: http://127.0.0.1:8000/v1\n"
        "users:\n"
        "  one: {flow: [http: /a]}\n"
        "  two: {target: other, flow: [{http: /b, target: main}]}\n",
        NULL);
    const struct plan_target *target = &plan->targets[0];

    (void)state;
    assert_int_equal(plan->target_count, 2);
    assert_string_equal(target->origin, "https://h:8443");
    assert_string_equal(target->api_prefix, "/openai/v1");
    assert_string_equal(secret_reveal(target->api_key), "abc");
    assert_string_equal(target->headers[0].key, "X-Team");
    assert_int_equal(target->http, PLAN_HTTP_2);
    assert_int_equal(target->connections.reuse, PLAN_REUSE_USER);
    assert_int_equal(target->connections.max, 5);
    assert_int_equal(target->timeouts.first_token_ns, 3 * NS_PER_S);
    assert_int_equal(target->timeouts.connect_ns, 10 * NS_PER_S);
    assert_string_equal(plan->targets[1].origin, "http://127.0.0.1:8000");
    assert_int_equal(plan->classes[0].target, 0);
    assert_int_equal(plan->classes[1].target, 1);
    assert_int_equal(plan->steps[1].target, 0);
    plan_free(plan);
}

static void limits_and_thresholds_are_kept(void **state)
{
    struct plan *plan = written_plan(tenants, NULL);

    (void)state;
    assert_int_equal(plan->limits.cost_pusd, INT64_C(10000000000000));
    assert_int_equal(plan->limits.duration_ns, 1800 * NS_PER_S);
    assert_true(fabs(plan->limits.error_rate - 0.1) < 1e-9);
    assert_int_equal(plan->limits.error_rate_over_ns, 30 * NS_PER_S);
    assert_int_equal(plan->limits.error_rate_min, 20);
    assert_int_equal(plan->threshold_count, 3);
    assert_string_equal(plan->thresholds[1].metric, "ttft");
    assert_string_equal(plan->thresholds[1].selector, "");
    assert_string_equal(plan->thresholds[1].expression, "p(95)<2s");
    assert_string_equal(plan->thresholds[2].metric, "error_rate");
    assert_string_equal(plan->thresholds[2].selector, "org_id:one");
    assert_true(plan->thresholds[2].abort_on_fail);
    plan_free(plan);
}

static void the_command_line_wins(void **state)
{
    static const struct scenario_base_url urls[] = {{NULL, "http://all:1"},
                                                    {"two", "https://two/x/v2"}};
    static const char *const tags[] = {"stage=ci", "team=b"};
    static const char *const overrides[] = {"users.one.weight=5"};
    const uint64_t seed = 7;
    const struct scenario_options options = {
        .config = {.overrides = overrides, .override_count = 1},
        .base_urls = urls,
        .base_url_count = 2,
        .seed = &seed,
        .tags = tags,
        .tag_count = 2,
        .insecure = true,
        .worker_index = 2,
        .worker_count = 3,
    };
    struct plan *plan = written_plan(HEAD "tags: {team: a}\n"
                                          "users:\n"
                                          "  one: {flow: [http: /a]}\n"
                                          "  two: {flow: [http: /a]}\n",
                                     &options);

    (void)state;
    assert_int_equal(plan->seed, 7);
    assert_int_equal(plan->classes[0].weight, 5);
    assert_int_equal(plan->worker_index, 2);
    assert_int_equal(plan->worker_count, 3);
    assert_int_equal(plan->tag_count, 2);
    assert_string_equal(plan->tags[0].key, "team");
    assert_string_equal(plan->tags[0].value, "b");
    assert_string_equal(plan->tags[1].value, "ci");
    assert_int_equal(plan->target_count, 2);
    assert_string_equal(plan->targets[plan->classes[0].target].origin, "http://all:1");
    assert_string_equal(plan->targets[plan->classes[1].target].origin, "https://two");
    assert_string_equal(plan->targets[plan->classes[1].target].api_prefix, "/x/v2");
    assert_true(plan->targets[1].tls.insecure);
    plan_free(plan);
}

static void bad_options_are_named(void **state)
{
    static const struct scenario_base_url urls[] = {{NULL, "ftp://h"},
                                                    {"three", "http://h"}};
    static const char *const tags[] = {"stage"};
    const struct scenario_options options = {
        .base_urls = urls, .base_url_count = 2, .tags = tags, .tag_count = 1};
    char *messages =
        written_messages(HEAD "users: {one: {flow: [http: /a]}}\n", &options);

    (void)state;
    assert_non_null(strstr(messages,
                           "--base-url: error: a scheme other than http and https "
                           "in 'ftp://h'"));
    assert_non_null(strstr(messages, "--base-url: error: there is no such class in "
                                     "'three=http://h'"));
    assert_non_null(strstr(messages, "--tag: error: 'stage' is not a tag"));
    free(messages);
}

static void urls_are_cut_at_their_joints(void **state)
{
    static const char *const good[][3] = {
        {"http://h", "http://h", "/v1"},
        {"https://h:8000/", "https://h:8000", "/v1"},
        {"http://h/v1", "http://h", "/v1"},
        {"http://h/v1/", "http://h", "/v1"},
        {"https://h/openai/v1", "https://h", "/openai/v1"},
        {"https://h/openai", "https://h", "/openai/v1"},
        {"https://h/api/v2", "https://h", "/api/v2"},
        {"http://[::1]:80/v1", "http://[::1]:80", "/v1"},
        {"http://host_a.b-c", "http://host_a.b-c", "/v1"},
        {"http://h/v", "http://h", "/v/v1"},
    };
    static const char *const bad[] = {
        "h",          "h:8000",      "ftp://h",    "http://",          "http:///v1",
        "http://h:0", "http://h:x",  "http://h:",  "http://h:70000",   "http://u:p@h",
        "http://h?a", "http://h/#a", "http://a b", "http://h\r\nX: 1", "http://[::1"};
    struct url url;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(good); i++) {
        assert_null(url_split(good[i][0], &url));
        assert_string_equal(url.origin, good[i][1]);
        assert_string_equal(url.api_prefix, good[i][2]);
    }
    for (size_t i = 0; i < COUNT_OF(bad); i++) {
        if (!url_split(bad[i], &url))
            fail_msg("'%s' was taken for a URL", bad[i]);
    }
}

static void a_step_is_not_named_after_its_query(void **state)
{
    struct plan *plan = written_plan(
        HEAD "users: {a: {flow: [{http: 'GET /v1/models?key=secret'}]}}\n", NULL);

    (void)state;
    assert_string_equal(plan->steps[0].name, "GET /v1/models");
    assert_string_equal(plan->steps[0].http.path.text, "/v1/models?key=secret");
    plan_free(plan);
}

static void a_url_is_shown_without_what_stands_before_an_at_sign(void **state)
{
    static const char *const urls[][2] = {
        {"http://user:password@host/v1", "http://***@host/v1"},
        {"user:pass/word@host", "***@host"},
        {"https://a@b:p@host", "https://***@host"},
        {"http://host:8000/v1", "http://host:8000/v1"},
    };
    char masked[URL_MASKED_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        url_mask(urls[i][0], masked);
        assert_string_equal(masked, urls[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_is_not_named_after_its_query),
        cmocka_unit_test(a_url_is_shown_without_what_stands_before_an_at_sign),
        cmocka_unit_test(the_head_of_a_scenario_is_the_plans),
        cmocka_unit_test(prices_become_pico_dollars_per_token),
        cmocka_unit_test(classes_have_their_share_pause_and_tags),
        cmocka_unit_test(a_flow_becomes_a_program),
        cmocka_unit_test(a_pick_jumps_behind_its_branches),
        cmocka_unit_test(the_model_comes_from_step_class_or_the_only_one),
        cmocka_unit_test(bodies_are_written_as_their_kind_wants_them),
        cmocka_unit_test(a_target_has_its_key_headers_and_limits),
        cmocka_unit_test(limits_and_thresholds_are_kept),
        cmocka_unit_test(the_command_line_wins),
        cmocka_unit_test(bad_options_are_named),
        cmocka_unit_test(urls_are_cut_at_their_joints),
    };

    return cmocka_run_group_tests_name("scenario/scenario", tests, NULL, NULL);
}

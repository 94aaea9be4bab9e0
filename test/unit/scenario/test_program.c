/*
 * Flows as they are compiled: each kind of step becomes the instructions that the engine knows.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "written.h"

#define HEAD                                                                             \
    "scenario: a\ntarget: http://h\nload: [{phase: sustained, users: 5, for: 1s}]\n"

static const char *op_name(enum plan_op op)
{
    static const char *const names[] = {
        [PLAN_OP_REQUEST] = "request",   [PLAN_OP_THINK] = "think",
        [PLAN_OP_LOOP_BEGIN] = "loop",   [PLAN_OP_LOOP_END] = "again",
        [PLAN_OP_PICK] = "pick",         [PLAN_OP_JUMP] = "jump",
        [PLAN_OP_SET] = "set",           [PLAN_OP_UNLESS] = "unless",
        [PLAN_OP_IF_KNOWN] = "known",    [PLAN_OP_LOOP_LEAVE] = "leave",
        [PLAN_OP_GROUP_BEGIN] = "group", [PLAN_OP_GROUP_END] = "ungroup",
        [PLAN_OP_FEED] = "feed",         [PLAN_OP_STOP] = "stop",
        [PLAN_OP_END] = "end",
    };

    return names[op];
}

/* "0 unless 0→3; 1 GET /a; …": steps by their names, jumps by where they lead. */
static char *listing(const struct plan *plan, uint32_t index)
{
    const struct plan_program *program = &plan->programs[index];
    struct buf text = BUF_INIT((size_t)1 << 16);

    for (size_t i = 0; i < program->instruction_count; i++) {
        const struct plan_instruction *at = &program->instructions[i];

        buf_printf(&text, "%s%zu ", i > 0 ? "; " : "", i);
        if (at->op == PLAN_OP_REQUEST)
            buf_append_str(&text, plan->steps[at->a].name);
        else
            buf_append_str(&text, op_name(at->op));
        if (at->op == PLAN_OP_JUMP)
            buf_printf(&text, " %u", at->a);
        else if (at->op == PLAN_OP_UNLESS || at->op == PLAN_OP_IF_KNOWN ||
                 at->op == PLAN_OP_LOOP_LEAVE || at->op == PLAN_OP_LOOP_END)
            buf_printf(&text, " %u→%u", at->a, at->b);
        else if (at->op != PLAN_OP_REQUEST && at->op != PLAN_OP_END)
            buf_printf(&text, " %u", at->a);
    }
    return buf_take(&text);
}

static void expect_program(const struct plan *plan, uint32_t index, const char *expected)
{
    char *got = listing(plan, index);

    assert_string_equal(got, expected);
    free(got);
}

/* What a flow becomes, in a scenario with a bit of all that flows name. */
static void check_flow(const char *flow, const char *expected)
{
    struct buf text = BUF_INIT((size_t)1 << 16);
    struct plan *plan;

    buf_printf(&text,
               HEAD "vars: {n: 0}\n"
                    "data: {people: people.csv}\n"
                    "flows: {login: [{http: POST /login}], twice: [{use: login}, {use: "
                    "login}]}\n"
                    "users: {u: {flow: [%s]}}\n",
               flow);
    plan = written_plan(buf_str(&text), NULL);
    expect_program(plan, plan->classes[0].program, expected);
    plan_free(plan);
    buf_deinit(&text);
}

static void an_if_leads_to_its_else_or_behind_it(void **state)
{
    (void)state;
    check_flow("{if: .vars.n > 1, steps: [{http: GET /a}]}, {http: GET /b}",
               "0 unless 0→2; 1 GET /a; 2 GET /b; 3 end");
    check_flow(
        "{if: .vars.n > 1, steps: [{http: GET /a}], else: [{http: GET /b}]}, {http: "
        "GET /c}",
        "0 unless 0→3; 1 GET /a; 2 jump 4; 3 GET /b; 4 GET /c; 5 end");
    check_flow(
        "{if: .last, steps: [{if: .round, steps: [{http: GET /a}]}], else: [{http: GET "
        "/b}]}",
        "0 unless 0→4; 1 unless 1→3; 2 GET /a; 3 jump 5; 4 GET /b; 5 end");
}

static void a_step_is_left_out_when_its_condition_does_not_hold(void **state)
{
    (void)state;
    check_flow("{http: GET /a, when: .vars.n == 0}, {http: GET /b, when: .vars.n == 0}",
               "0 unless 0→2; 1 GET /a; 2 unless 0→4; 3 GET /b; 4 end");
    check_flow("{repeat: 2, when: .org, steps: [{http: GET /a}]}",
               "0 unless 0→4; 1 loop 0; 2 GET /a; 3 again 0→2; 4 end");
}

static void a_repeat_with_a_condition_is_left_by_one_way(void **state)
{
    (void)state;
    check_flow(
        "{repeat: 9, while: .vars.n < 3, steps: [{http: GET /a}]}, {http: GET /b}",
        "0 loop 0; 1 unless 0→5; 2 GET /a; 3 again 0→1; 4 jump 6; 5 leave 0→6; 6 GET "
        "/b; 7 end");
}

static void a_group_is_around_its_steps(void **state)
{
    struct plan *plan = written_plan(
        HEAD "metrics: {took: {trend: time}}\n"
             "users: {u: {flow: [{group: shop, steps: [{http: GET /a}, {group: "
             "login, record: {took: .duration_ms}, tags: {part: x}, steps: "
             "[{http: GET /b}]}, {http: GET /c}]}, {http: GET /d}]}}\n",
        NULL);

    (void)state;
    expect_program(plan, 0,
                   "0 group 0; 1 GET /a; 2 group 1; 3 GET /b; 4 ungroup 1; 5 GET /c; 6 "
                   "ungroup 0; 7 GET /d; 8 end");
    assert_int_equal(plan->group_count, 2);
    assert_string_equal(plan->groups[0].path, "::shop");
    assert_string_equal(plan->groups[1].path, "::shop::login");
    assert_string_equal(plan->groups[1].name, "login");
    assert_int_equal(plan->groups[1].record_count, 1);
    assert_int_equal(plan->groups[1].tag_count, 1);
    assert_ptr_equal(plan->steps[0].group, &plan->groups[0]);
    assert_ptr_equal(plan->steps[1].group, &plan->groups[1]);
    assert_ptr_equal(plan->steps[2].group, &plan->groups[0]);
    assert_null(plan->steps[3].group);
    plan_free(plan);
}

static void a_flow_stands_wherever_it_is_used(void **state)
{
    (void)state;
    check_flow("{use: login}, {use: twice, with: {n: 5}}",
               "0 POST /login; 1 set 0; 2 POST /login; 3 POST /login; 4 end");
}

static void stop_and_feed_are_instructions(void **state)
{
    (void)state;
    check_flow("{http: GET /a}, {feed: people}, {stop: iteration}",
               "0 GET /a; 1 feed 0; 2 stop 0; 3 end");
}

static void a_stop_says_what_ends_and_why(void **state)
{
    struct plan *plan =
        written_plan(HEAD "users: {u: {flow: [{http: GET /}, {stop: user}, {stop: {run: "
                          "broke, failed: true}}]}}\n",
                     NULL);

    (void)state;
    assert_int_equal(plan->stop_count, 2);
    assert_int_equal(plan->stops[0].kind, PLAN_STOP_USER);
    assert_string_equal(plan->stops[0].reason, "");
    assert_int_equal(plan->stops[1].kind, PLAN_STOP_RUN);
    assert_string_equal(plan->stops[1].reason, "broke");
    assert_true(plan->stops[1].failed);
    plan_free(plan);
}

static void set_gives_texts_json_queries_and_nothing(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "users: {u: {flow: [{http: GET /}, {set: {n: 5, m: '5', hello: 'Hi {{ "
        "user.name }}', list: [1, '{{ vars.n }}'], sum: {jq: .vars.n + 1}, gone: null, "
        "key: {secret: abc}}}]}}\n",
        NULL);
    const struct plan_assignment *set = plan->assignments;

    (void)state;
    assert_int_equal(plan->assignment_count, 7);
    assert_int_equal(set[0].kind, PLAN_VALUE_JSON);
    assert_string_equal(set[0].text.text, "5");
    assert_int_equal(set[1].kind, PLAN_VALUE_TEXT);
    assert_string_equal(set[1].text.text, "5");
    assert_null(set[1].text.template);
    assert_int_equal(set[2].kind, PLAN_VALUE_TEXT);
    assert_non_null(set[2].text.template);
    assert_int_equal(set[3].kind, PLAN_VALUE_JSON);
    assert_non_null(set[3].text.template);
    assert_int_equal(set[4].kind, PLAN_VALUE_QUERY);
    assert_string_equal(plan->queries[set[4].query], ".vars.n + 1");
    assert_int_equal(set[5].kind, PLAN_VALUE_UNSET);
    assert_string_equal(set[6].text.text, "abc");
    assert_true(plan->variables[set[6].variable].secret);
    assert_false(plan->variables[set[0].variable].secret);
    plan_free(plan);
}

static void an_mcp_call_opens_its_session_once(void **state)
{
    struct plan *plan = written_plan(
        HEAD "users: {u: {flow: [{mcp: {tool: read_file, arguments: {path: a}}, headers: "
             "{X-A: b}, check: {ok: .result}}, {mcp: {method: tools/list}}]}}\n",
        NULL);
    const struct plan_step *steps = plan->steps;

    (void)state;
    expect_program(
        plan, 0,
        "0 known 0→3; 1 mcp initialize; 2 mcp initialize; 3 read_file; 4 known "
        "0→7; 5 mcp initialize; 6 mcp initialize; 7 tools/list; 8 end");
    assert_string_equal(steps[0].mcp.method, "initialize");
    assert_int_equal(steps[0].header_count, 1);
    assert_int_equal(steps[0].check_count, 0);
    assert_string_equal(steps[0].extracts[0].header, "Mcp-Session-Id");
    assert_true(steps[1].mcp.notification);
    assert_string_equal(steps[2].mcp.params.text,
                        "{\"name\":\"read_file\",\"arguments\":{\"path\":\"a\"}}");
    assert_int_equal(steps[2].check_count, 1);
    assert_int_equal(plan->variable_count, 1);
    assert_true(plan->variables[0].secret);
    plan_free(plan);
}

/* Of a program that begins with a request. */
static const struct plan_step *first_step(const struct plan *plan, uint32_t program)
{
    const struct plan_instruction *first = plan->programs[program].instructions;

    assert_int_equal(first->op, PLAN_OP_REQUEST);
    return &plan->steps[first->a];
}

static void stages_are_programs_that_are_not_measured(void **state)
{
    struct plan *plan = written_plan(
        HEAD
        "setup: {run: [{http: POST /org}], user: [{http: POST /in}], timeout: 5s}\n"
        "teardown: [{http: DELETE /org}]\n"
        "users:\n"
        "  a: {flow: [{http: GET /a}]}\n"
        "  b: {setup: [{http: POST /b}], teardown: [{http: DELETE /b}], flow: [{http: "
        "GET /b}]}\n",
        NULL);

    (void)state;
    expect_program(plan, plan->stages.run_setup, "0 POST /org; 1 end");
    expect_program(plan, plan->stages.run_teardown, "0 DELETE /org; 1 end");
    assert_int_equal(plan->stages.organization_setup, PLAN_NONE);
    assert_int_equal(plan->stages.setup_timeout_ns, 5 * NS_PER_S);
    expect_program(plan, plan->classes[0].setup, "0 POST /in; 1 end");
    assert_int_equal(plan->classes[0].teardown, PLAN_NONE);
    expect_program(plan, plan->classes[1].setup, "0 POST /b; 1 end");
    expect_program(plan, plan->classes[1].teardown, "0 DELETE /b; 1 end");
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(plan->steps[i].unmeasured,
                         strncmp(plan->steps[i].name, "GET", 3) != 0);
    /* Nobody's class says where the run's own go. */
    assert_int_equal(first_step(plan, plan->stages.run_setup)->target, 0);
    assert_int_equal(first_step(plan, plan->classes[0].setup)->target, PLAN_NONE);
    plan_free(plan);
}

static void a_flow_that_records_may_be_used_where_nothing_is_measured(void **state)
{
    struct plan *plan = written_plan(
        HEAD "metrics: {logins: counter}\n"
             "flows: {login: [{http: POST /login, record: {logins: true}}]}\n"
             "users: {a: {setup: [{use: login}], flow: [{use: login}]}}\n",
        NULL);

    (void)state;
    assert_int_equal(plan->step_count, 2);
    for (size_t i = 0; i < plan->step_count; i++)
        assert_int_equal(plan->steps[i].record_count, !plan->steps[i].unmeasured);
    plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_if_leads_to_its_else_or_behind_it),
        cmocka_unit_test(a_step_is_left_out_when_its_condition_does_not_hold),
        cmocka_unit_test(a_repeat_with_a_condition_is_left_by_one_way),
        cmocka_unit_test(a_group_is_around_its_steps),
        cmocka_unit_test(a_flow_stands_wherever_it_is_used),
        cmocka_unit_test(stop_and_feed_are_instructions),
        cmocka_unit_test(a_stop_says_what_ends_and_why),
        cmocka_unit_test(set_gives_texts_json_queries_and_nothing),
        cmocka_unit_test(an_mcp_call_opens_its_session_once),
        cmocka_unit_test(stages_are_programs_that_are_not_measured),
        cmocka_unit_test(a_flow_that_records_may_be_used_where_nothing_is_measured),
    };

    return cmocka_run_group_tests_name("scenario/program", tests, NULL, NULL);
}

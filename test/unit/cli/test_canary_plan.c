/*
 * Which requests are tried before a run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "cli/canary_plan.h"
#include "plan/plan.h"

enum { TARGETS = 4 };

/* Classes that share one flow of one step, each with a target of its own. */
struct shared_flow {
    struct plan_target targets[TARGETS];
    struct plan_class classes[TARGETS];
    struct plan_pair header;
    struct plan_model model;
    struct plan_step step;
    struct plan_instruction instructions[2];
    struct plan_program program;
    struct plan plan;
};

static void share(struct shared_flow *flow)
{
    *flow = (struct shared_flow){
        .header = {.key = "X-Canary", .value = "1"},
        .model = {.name = "m", .target = PLAN_NONE},
        .step = {.kind = PLAN_STEP_CHAT, .name = "chat", .target = PLAN_NONE},
        .instructions = {{.op = PLAN_OP_REQUEST, .a = 0}, {.op = PLAN_OP_END}},
    };
    flow->program =
        (struct plan_program){.instructions = flow->instructions, .instruction_count = 2};
    for (uint32_t i = 0; i < TARGETS; i++) {
        flow->targets[i].name = "target";
        flow->classes[i] = (struct plan_class){.name = "asker",
                                               .target = i,
                                               .setup = PLAN_NONE,
                                               .teardown = PLAN_NONE,
                                               .headers = &flow->header,
                                               .header_count = 1};
    }
    flow->plan = (struct plan){
        .targets = flow->targets,
        .target_count = TARGETS,
        .models = &flow->model,
        .model_count = 1,
        .classes = flow->classes,
        .class_count = TARGETS,
        .programs = &flow->program,
        .program_count = 1,
        .steps = &flow->step,
        .step_count = 1,
    };
}

static void a_flow_that_classes_share_is_tried_at_each_target(void **state)
{
    struct shared_flow flow;
    CLEANUP(canary_plan_deinit) struct canary_plan canaries = {0};

    (void)state;
    share(&flow);
    assert_int_equal(canary_plan_init(&canaries, &flow.plan, NULL), 0);
    assert_int_equal(canary_plan_count(&canaries), TARGETS);
    for (uint32_t i = 0; i < TARGETS; i++) {
        assert_int_equal(canary_plan_step(&canaries, i)->target, i);
        assert_int_equal(canary_plan_step(&canaries, i)->header_count, 1);
        assert_ptr_equal(canary_plan_class(&canaries, i), &flow.classes[i]);
    }
}

/* The first class is as the scenario has it, of which nobody is. */
static void what_only_arms_ask_is_tried_as_they_ask_it(void **state)
{
    struct shared_flow flow;
    CLEANUP(canary_plan_deinit) struct canary_plan canaries = {0};

    (void)state;
    share(&flow);
    flow.plan.ab.arm_count = TARGETS - 1;
    flow.plan.ab.class_count = 1;
    assert_int_equal(canary_plan_init(&canaries, &flow.plan, NULL), 0);
    assert_int_equal(canary_plan_count(&canaries), TARGETS - 1);
    assert_int_equal(canary_plan_step(&canaries, 0)->target, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flow_that_classes_share_is_tried_at_each_target),
        cmocka_unit_test(what_only_arms_ask_is_tried_as_they_ask_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

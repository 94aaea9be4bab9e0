#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "engine/program.h"

#define ASK(step) {.op = PLAN_OP_REQUEST, .a = (step)}
#define END {.op = PLAN_OP_END}

/* repeat 3: ask 0, repeat 2: ask 1; ask 2 */
static const struct plan_instruction nested[] = {
    {.op = PLAN_OP_LOOP_BEGIN, .a = 0, .b = 3},
    ASK(0),
    {.op = PLAN_OP_LOOP_BEGIN, .a = 1, .b = 2},
    ASK(1),
    {.op = PLAN_OP_LOOP_END, .a = 1, .b = 3},
    {.op = PLAN_OP_LOOP_END, .a = 0, .b = 1},
    ASK(2),
    END,
};
static const struct plan_program nested_program = {.instructions = nested,
                                                   .instruction_count = 8};

static void loops_stand_in_each_other(void **state)
{
    static const uint32_t expected[] = {0, 1, 1, 0, 1, 1, 0, 1, 1, 2};
    static const uint16_t depths[] = {1, 2, 2, 1, 2, 2, 1, 2, 2, 0};
    struct program_place place = {0};
    struct rng rng;
    uint32_t step = 99;

    (void)state;
    rng_init(&rng, 1, 1, 1, RNG_TEST);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(program_next(&nested_program, &place, &rng, &step),
                         PROGRAM_ASKS);
        assert_int_equal(step, expected[i]);
        assert_int_equal(place.depth, depths[i]);
    }
    assert_int_equal(program_next(&nested_program, &place, &rng, &step), PROGRAM_ENDS);
    assert_int_equal(program_next(&nested_program, &place, &rng, &step), PROGRAM_ENDS);
}

static void each_loop_begins_a_conversation_and_its_rounds_share_it(void **state)
{
    struct program_place place = {0};
    struct rng rng;
    uint32_t step;

    (void)state;
    rng_init(&rng, 1, 1, 1, RNG_TEST);
    program_next(&nested_program, &place, &rng, &step);
    place.begun |= 1U << 1; /* as the user does when the first words are said */
    program_next(&nested_program, &place, &rng, &step);
    assert_false(place.begun & (1U << 2));
    place.begun |= 1U << 2;
    program_next(&nested_program, &place, &rng, &step);
    assert_true(place.begun & (1U << 2)); /* another round of the same */
    program_next(&nested_program, &place, &rng, &step);
    assert_true(place.begun & (1U << 1)); /* the outer one goes on around the inner */
    program_next(&nested_program, &place, &rng, &step);
    assert_false(place.begun & (1U << 2)); /* and this inner one is another */
}

static void a_pick_takes_each_branch_by_its_weight(void **state)
{
    static const struct plan_instruction instructions[] = {
        {.op = PLAN_OP_PICK, .a = 0, .b = 2}, ASK(0), {.op = PLAN_OP_JUMP, .a = 4},
        {.op = PLAN_OP_THINK, .a = 7},        END,
    };
    static const struct plan_branch branches[] = {{.weight = 3, .instruction = 1},
                                                  {.weight = 1, .instruction = 3}};
    const struct plan_program program = {.instructions = instructions,
                                         .instruction_count = 5,
                                         .branches = branches,
                                         .branch_count = 2};
    uint32_t asked = 0;
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, 1, 1, RNG_FLOW);
    for (int i = 0; i < 10000; i++) {
        struct program_place place = {0};
        uint32_t step = 99;
        const enum program_stop stop = program_next(&program, &place, &rng, &step);

        asked += stop == PROGRAM_ASKS;
        assert_int_equal(step, stop == PROGRAM_ASKS ? 0 : 7);
        assert_int_equal(program_next(&program, &place, &rng, &step), PROGRAM_ENDS);
    }
    assert_in_range(asked, 7500 - 173, 7500 + 173); /* four standard deviations */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_stand_in_each_other),
        cmocka_unit_test(each_loop_begins_a_conversation_and_its_rounds_share_it),
        cmocka_unit_test(a_pick_takes_each_branch_by_its_weight),
    };

    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}

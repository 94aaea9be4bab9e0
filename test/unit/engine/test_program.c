#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

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

/* Walks on from a place; nobody is asked anything. */
static enum program_stop next_of(const struct plan_program *program,
                                 struct program_place *place, struct rng *rng,
                                 uint32_t *ret_step)
{
    struct program_walk walk = {.program = program, .flow = rng, .left = PROGRAM_WALK};

    return program_next(&walk, place, ret_step);
}

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
        assert_int_equal(next_of(&nested_program, &place, &rng, &step), PROGRAM_ASKS);
        assert_int_equal(step, expected[i]);
        assert_int_equal(place.depth, depths[i]);
    }
    assert_int_equal(next_of(&nested_program, &place, &rng, &step), PROGRAM_ENDS);
    assert_int_equal(next_of(&nested_program, &place, &rng, &step), PROGRAM_ENDS);
}

static void each_loop_begins_a_conversation_and_its_rounds_share_it(void **state)
{
    struct program_place place = {0};
    struct rng rng;
    uint32_t step;

    (void)state;
    rng_init(&rng, 1, 1, 1, RNG_TEST);
    next_of(&nested_program, &place, &rng, &step);
    place.begun |= 1U << 1; /* as the user does when the first words are said */
    next_of(&nested_program, &place, &rng, &step);
    assert_false(place.begun & (1U << 2));
    place.begun |= 1U << 2;
    next_of(&nested_program, &place, &rng, &step);
    assert_true(place.begun & (1U << 2)); /* another round of the same */
    next_of(&nested_program, &place, &rng, &step);
    assert_true(place.begun & (1U << 1)); /* the outer one goes on around the inner */
    next_of(&nested_program, &place, &rng, &step);
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
        const enum program_stop stop = next_of(&program, &place, &rng, &step);

        asked += stop == PROGRAM_ASKS;
        assert_int_equal(step, stop == PROGRAM_ASKS ? 0 : 7);
        assert_int_equal(next_of(&program, &place, &rng, &step), PROGRAM_ENDS);
    }
    assert_in_range(asked, 7500 - 173, 7500 + 173); /* four standard deviations */
}

/* What a program asked of the user who walks it. */
struct asked {
    char notes[200];
    int rounds_wanted; /* a condition holds so often */
    bool known;
};

static void note(struct asked *asked, const char *what, uint32_t index)
{
    const size_t len = strlen(asked->notes);

    (void)snprintf(asked->notes + len, sizeof(asked->notes) - len, "%s%u ", what, index);
}

static bool holds(void *ctx, uint32_t query)
{
    struct asked *asked = ctx;

    note(asked, "if", query);
    return asked->rounds_wanted-- > 0;
}

static bool knows(void *ctx, uint32_t variable)
{
    struct asked *asked = ctx;

    note(asked, "known", variable);
    return asked->known;
}

static void set(void *ctx, uint32_t assignment)
{
    note(ctx, "set", assignment);
}

static void feed(void *ctx, uint32_t feeder)
{
    note(ctx, "feed", feeder);
}

static void enter(void *ctx, uint32_t group)
{
    note(ctx, "enter", group);
}

static void leave(void *ctx, uint32_t group)
{
    note(ctx, "leave", group);
}

static const struct program_ops ops = {.holds = holds,
                                       .knows = knows,
                                       .set = set,
                                       .feed = feed,
                                       .enter = enter,
                                       .leave = leave};

static void instructions_ask_whoever_knows_the_user(void **state)
{
    static const struct plan_instruction instructions[] = {
        {.op = PLAN_OP_SET, .a = 4},
        {.op = PLAN_OP_GROUP_BEGIN, .a = 1},
        {.op = PLAN_OP_FEED, .a = 2},
        {.op = PLAN_OP_UNLESS, .a = 3, .b = 5},
        ASK(8),
        {.op = PLAN_OP_IF_KNOWN, .a = 6, .b = 7},
        ASK(9),
        {.op = PLAN_OP_GROUP_END, .a = 1},
        {.op = PLAN_OP_STOP, .a = 5},
        END,
    };
    const struct plan_program program = {.instructions = instructions,
                                         .instruction_count = 10};
    struct asked asked = {.known = true};
    struct program_walk walk = {
        .program = &program, .ops = &ops, .ctx = &asked, .left = PROGRAM_WALK};
    struct program_place place = {0};
    uint32_t index = 0;

    (void)state;
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_STOPS);
    assert_int_equal(index, 5);
    assert_string_equal(asked.notes, "set4 enter1 feed2 if3 known6 leave1 ");
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ENDS);

    asked = (struct asked){.rounds_wanted = 1};
    place = (struct program_place){0};
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ASKS);
    assert_int_equal(index, 8);
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ASKS);
    assert_int_equal(index, 9);
}

/* repeat while: LOOP_BEGIN, a condition, a way out, the body. */
static void a_loop_is_left_early_and_knows_its_round(void **state)
{
    static const struct plan_instruction instructions[] = {
        {.op = PLAN_OP_LOOP_BEGIN, .a = 0, .b = UINT32_MAX},
        {.op = PLAN_OP_UNLESS, .a = 3, .b = 4},
        ASK(1),
        {.op = PLAN_OP_JUMP, .a = 5},
        {.op = PLAN_OP_LOOP_LEAVE, .a = 0, .b = 6},
        {.op = PLAN_OP_LOOP_END, .a = 0, .b = 1},
        ASK(2),
        END,
    };
    const struct plan_program program = {.instructions = instructions,
                                         .instruction_count = 8};
    struct asked asked = {.rounds_wanted = 3};
    struct program_walk walk = {
        .program = &program, .ops = &ops, .ctx = &asked, .left = PROGRAM_WALK};
    struct program_place place = {0};
    uint32_t index = 0;

    (void)state;
    assert_int_equal(program_round(&place), 0);
    for (uint32_t round = 0; round < 3; round++) {
        assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ASKS);
        assert_int_equal(index, 1);
        assert_int_equal(program_round(&place), round);
    }
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ASKS);
    assert_int_equal(index, 2);
    assert_int_equal(place.depth, 0);
    assert_int_equal(program_next(&walk, &place, &index), PROGRAM_ENDS);
}

static void an_endless_loop_lets_others_have_their_turn(void **state)
{
    static const struct plan_instruction instructions[] = {
        {.op = PLAN_OP_LOOP_BEGIN, .a = 0, .b = UINT32_MAX},
        {.op = PLAN_OP_UNLESS, .a = 0, .b = 3},
        {.op = PLAN_OP_LOOP_END, .a = 0, .b = 1},
        END,
    };
    const struct plan_program program = {.instructions = instructions,
                                         .instruction_count = 4};
    struct asked asked = {.rounds_wanted = 1000};
    struct program_place place = {0};
    int walks = 0;

    (void)state;
    for (;; walks++) {
        struct program_walk walk = {
            .program = &program, .ops = &ops, .ctx = &asked, .left = PROGRAM_WALK};
        uint32_t index = 0;

        asked.notes[0] = '\0';
        if (program_next(&walk, &place, &index) == PROGRAM_ENDS)
            break;
        assert_int_equal(walk.left / PROGRAM_EVALUATION, 0);
    }
    /* Each round costs its condition and its end; the walk that ends is one more. */
    assert_in_range(walks, 1000 * PROGRAM_EVALUATION / PROGRAM_WALK,
                    1100 * PROGRAM_EVALUATION / PROGRAM_WALK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_stand_in_each_other),
        cmocka_unit_test(each_loop_begins_a_conversation_and_its_rounds_share_it),
        cmocka_unit_test(a_pick_takes_each_branch_by_its_weight),
        cmocka_unit_test(instructions_ask_whoever_knows_the_user),
        cmocka_unit_test(a_loop_is_left_early_and_knows_its_round),
        cmocka_unit_test(an_endless_loop_lets_others_have_their_turn),
    };

    return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}

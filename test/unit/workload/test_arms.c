#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "plan/ab.h"
#include "workload/arms.h"

#define SEED 42

static const struct plan_arm even[] = {{.weight = 1}, {.weight = 1}};
static const struct plan_arm uneven[] = {{.weight = 9}, {.weight = 1}};
static const struct plan_arm three[] = {{.weight = 3}, {.weight = 1}, {.weight = 2}};

static const struct plan_ab experiments[] = {
    {.arms = even, .arm_count = COUNT_OF(even)},
    {.arms = uneven, .arm_count = COUNT_OF(uneven)},
    {.arms = three, .arm_count = COUNT_OF(three)},
};

static uint64_t weights_of(const struct plan_ab *ab)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < ab->arm_count; i++)
        sum += ab->arms[i].weight;
    return sum;
}

static void each_block_has_each_arm_as_often_as_its_weight(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(experiments); row++) {
        const struct plan_ab *ab = &experiments[row];
        const uint64_t length = weights_of(ab);

        for (uint64_t block = 0; block < 200; block++) {
            uint32_t dealt[PLAN_ARMS] = {0};

            for (uint64_t i = 0; i < length; i++)
                dealt[arms_deal(ab, SEED, 7, block * length + i).arm]++;
            for (size_t i = 0; i < ab->arm_count; i++)
                assert_int_equal(dealt[i], ab->arms[i].weight);
        }
    }
}

/* One script goes to no arm twice, its turns follow each other, and all but the first are said again. */
static void a_script_is_said_once_by_each_arm_of_its_round(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(experiments); row++) {
        const struct plan_ab *ab = &experiments[row];
        uint64_t script = UINT64_MAX;
        uint32_t seen = 0;
        uint64_t whole = 0;

        for (uint64_t i = 0; i < 200 * weights_of(ab); i++) {
            const struct arms_turn turn = arms_deal(ab, SEED, 0, i);

            assert_int_equal(turn.is_again, turn.script == script);
            if (!turn.is_again) {
                assert_int_equal(turn.script, script + 1);
                seen = 0;
            }
            script = turn.script;
            assert_int_equal(seen & 1U << turn.arm, 0);
            seen |= 1U << turn.arm;
            whole += seen == (1U << ab->arm_count) - 1;
        }
        assert_int_equal(whole, 200); /* each block has one round with all of them */
    }
}

/* Of 2,000 fair tosses 3.3 standard deviations are 74. */
static void neither_arm_is_the_first_more_often(void **state)
{
    int first = 0;

    (void)state;
    for (uint64_t who = 0; who < 20; who++)
        for (uint64_t block = 0; block < 100; block++)
            first += arms_deal(&experiments[0], SEED, who, 2 * block).arm == 0;
    assert_in_range(first, 1000 - 74, 1000 + 74);
}

/* Where the rare arm of 9:1 stands in its block is drawn, too: at either end half as often as elsewhere. */
static void the_rare_arm_keeps_no_step(void **state)
{
    int at[10] = {0};

    (void)state;
    for (uint64_t i = 0; i < 10000; i++)
        at[i % 10] += arms_deal(&experiments[1], SEED, 3, i).arm == 1;
    for (size_t i = 0; i < COUNT_OF(at); i++)
        assert_in_range(at[i], 30, 160);
}

static void users_and_seeds_have_orders_of_their_own(void **state)
{
    int same_user = 0;
    int same_seed = 0;

    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        const uint32_t arm = arms_deal(&experiments[0], SEED, 0, i).arm;

        same_user += arm == arms_deal(&experiments[0], SEED, 1, i).arm;
        same_seed += arm == arms_deal(&experiments[0], SEED + 1, 0, i).arm;
    }
    assert_in_range(same_user, 130, 270);
    assert_in_range(same_seed, 130, 270);
}

static void each_arm_has_names_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(arms_nonce(5, 0), 5);
    for (uint32_t i = 1; i < PLAN_ARMS; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_int_not_equal(arms_nonce(5, i), arms_nonce(5, j));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_block_has_each_arm_as_often_as_its_weight),
        cmocka_unit_test(a_script_is_said_once_by_each_arm_of_its_round),
        cmocka_unit_test(neither_arm_is_the_first_more_often),
        cmocka_unit_test(the_rare_arm_keeps_no_step),
        cmocka_unit_test(users_and_seeds_have_orders_of_their_own),
        cmocka_unit_test(each_arm_has_names_of_its_own),
    };

    return cmocka_run_group_tests_name("workload/arms", tests, NULL, NULL);
}

/*
 * Who is to be at the platform: the same for every run of a seed, and divided among workers without a
 * rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "plan/plan.h"
#include "platform/people.h"
#include "platform/tenants.h"

static struct plan plan_of(uint64_t organizations, uint64_t users_min, uint64_t users_max)
{
    return (struct plan){
        .seed = 7,
        .worker_count = 1,
        .platform = {.is_used = true,
                     .organization_count = organizations,
                     .name = "loadtest-org-{index}",
                     .email = "{organization}-user-{index}@loadtest.invalid",
                     .head_count = users_min < users_max ? PLAN_HEAD_COUNT_UNIFORM
                                                         : PLAN_HEAD_COUNT_FIXED,
                     .users_min = users_min,
                     .users_max = users_max},
    };
}

static void names_count_from_one(void **state)
{
    const struct plan plan = plan_of(3, 2, 2);
    struct tenants tenants;

    (void)state;
    assert_int_equal(tenants_of_plan(&plan, &tenants), 0);
    assert_int_equal(tenants.organization_count, 3);
    assert_int_equal(tenants.user_count, 6);
    assert_string_equal(tenants.organizations[0].as.org_name, "loadtest-org-1");
    assert_string_equal(tenants.people[0].email,
                        "loadtest-org-1-user-0001@loadtest.invalid");
    /* Any number of people is spread over all organizations. */
    assert_string_equal(tenants.people[1].org_name, "loadtest-org-2");
    assert_string_equal(tenants.people[5].email,
                        "loadtest-org-3-user-0002@loadtest.invalid");
    assert_int_equal(tenants.people[5].index, 2);
    tenants_deinit(&tenants);
}

static void numbers_of_users_are_drawn_from_seed_and_index(void **state)
{
    struct plan plan = plan_of(2000, 10, 30);
    uint64_t least = 30;
    uint64_t most = 10;
    uint64_t middle = 0;
    double sum = 0;

    (void)state;
    for (uint64_t i = 1; i <= 2000; i++) {
        const uint64_t users = people_in_organization(&plan, i);

        assert_true(users >= 10 && users <= 30);
        assert_int_equal(people_in_organization(&plan, i), users);
        least = users < least ? users : least;
        most = users > most ? users : most;
    }
    assert_int_equal(least, 10);
    assert_int_equal(most, 30);
    plan.platform.head_count = PLAN_HEAD_COUNT_GAUSSIAN;
    for (uint64_t i = 1; i <= 2000; i++) {
        const uint64_t users = people_in_organization(&plan, i);

        assert_true(users >= 10 && users <= 30);
        middle += users >= 16 && users <= 24;
        sum += (double)users;
    }
    /* Within one deviation of 5, where uniform has 43%: 4.5 of 5 are 63%, cut at 2 deviations 66%. */
    assert_true(middle > 1200 && middle < 1440);
    assert_true(sum / 2000 > 19.5 && sum / 2000 < 20.5);
    plan.seed = 8;
    uint64_t differ = 0;

    for (uint64_t i = 1; i <= 100; i++) {
        const uint64_t users = people_in_organization(&plan, i);

        plan.seed = 7;
        differ += people_in_organization(&plan, i) != users;
        plan.seed = 8;
    }
    assert_true(differ > 50);
}

/* Everybody is taken by exactly one worker. */
static void assert_divided(uint64_t organizations, uint32_t workers)
{
    struct plan plan = plan_of(organizations, 3, 9);
    struct tenants whole;
    size_t *taken;
    size_t together = 0;

    assert_int_equal(tenants_of_plan(&plan, &whole), 0);
    taken = test_calloc(whole.user_count, sizeof(*taken));
    plan.worker_count = workers;
    for (uint32_t w = 0; w < workers; w++) {
        struct tenants part;

        plan.worker_index = w;
        assert_int_equal(tenants_of_plan(&plan, &part), 0);
        assert_int_equal(part.user_count, people_count(&plan));
        together += part.user_count;
        for (size_t i = 0; i < part.user_count; i++)
            for (size_t at = 0; at < whole.user_count; at++)
                taken[at] += strcmp(part.people[i].email, whole.people[at].email) == 0;
        tenants_deinit(&part);
    }
    assert_int_equal(together, whole.user_count);
    for (size_t at = 0; at < whole.user_count; at++)
        assert_int_equal(taken[at], 1);
    test_free(taken);
    tenants_deinit(&whole);
}

static void workers_divide_organizations_by_index(void **state)
{
    struct plan plan = plan_of(7, 1, 1);
    struct people_share share;

    (void)state;
    plan.worker_count = 3;
    plan.worker_index = 1;
    assert_false(people_takes(&plan, 1, &share));
    assert_true(people_takes(&plan, 2, &share));
    assert_true(people_takes(&plan, 5, &share));
    assert_false(people_takes(&plan, 6, &share));
    assert_divided(7, 3);
    assert_divided(3, 3);
}

static void more_workers_than_organizations_split_their_users(void **state)
{
    (void)state;
    assert_divided(1, 3);
    assert_divided(2, 5);
    assert_divided(3, 8);
}

static void budgets_are_by_name_or_for_all(void **state)
{
    static const struct plan_budget budgets[] = {{"loadtest-org-2", 5}};
    struct plan plan = plan_of(3, 1, 1);

    (void)state;
    plan.platform.budgets = budgets;
    plan.platform.budget_count = 1;
    assert_int_equal(people_budget_pusd(&plan, "loadtest-org-1"), 0);
    assert_int_equal(people_budget_pusd(&plan, "loadtest-org-2"), 5);
    plan.platform.budget_pusd = 9;
    assert_int_equal(people_budget_pusd(&plan, "loadtest-org-1"), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_count_from_one),
        cmocka_unit_test(numbers_of_users_are_drawn_from_seed_and_index),
        cmocka_unit_test(workers_divide_organizations_by_index),
        cmocka_unit_test(more_workers_than_organizations_split_their_users),
        cmocka_unit_test(budgets_are_by_name_or_for_all),
    };

    return cmocka_run_group_tests_name("people", tests, NULL, NULL);
}

/* Every scenario that is shipped is right; what lies in parts/ is included by them. Argument: the folder of scenarios. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "written.h"

static const char *folder;

static int check(const char *path, const struct stat *status, int type, struct FTW *at)
{
    (void)status;
    (void)at;
    if (type != FTW_F || !strstr(path, ".yaml") || strstr(path, "/parts/"))
        return 0;
    plan_free(written_plan_of_file(path));
    return 0;
}

static void every_shipped_scenario_is_right(void **state)
{
    (void)state;
    assert_int_equal(nftw(folder, check, 8, FTW_PHYS), 0);
}

static void the_quickstart_is_what_the_readme_says(void **state)
{
    char path[512];
    struct plan *plan;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/quickstart.yaml", folder);
    plan = written_plan_of_file(path);
    assert_true(plan->targets[0].simulator);
    assert_int_equal(plan_peak_users(plan), 100);
    assert_true(plan_duration_ns(plan) >= 25 * NS_PER_S);
    assert_true(plan_duration_ns(plan) <= 35 * NS_PER_S);
    assert_true(plan->class_count >= 3);
    plan_free(plan);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shipped_scenario_is_right),
        cmocka_unit_test(the_quickstart_is_what_the_readme_says),
    };

    folder = argc > 1 ? argv[1] : "";
    return cmocka_run_group_tests_name("scenario/shipped", tests, NULL, NULL);
}

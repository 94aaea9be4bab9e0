#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/run_id.h"

static void a_run_is_named_by_scenario_and_time(void **state)
{
    char run_id[RUN_ID_BYTES];

    (void)state;
    run_id_make("three tenants/é", UINT64_C(1795255740) * NS_PER_S, run_id);
    assert_memory_equal(run_id, "three-tenants---", 16);
    assert_non_null(strstr(run_id, "-20261121-100900-"));
    assert_true(run_id_is_valid(run_id));
}

static void a_long_name_is_cut(void **state)
{
    char name[1000];
    char run_id[RUN_ID_BYTES];

    (void)state;
    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    run_id_make(name, 0, run_id);
    assert_true(strlen(run_id) < RUN_ID_BYTES);
}

static void a_name_that_is_no_folder_name_is_refused(void **state)
{
    static const char *const bad[] = {"", "a/b", "..", ".hidden", "-x", "a b", "a\n"};
    char longest[102];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(run_id_is_valid(bad[i]));
    memset(longest, 'a', 101);
    longest[101] = '\0';
    assert_false(run_id_is_valid(longest));
    longest[100] = '\0';
    assert_true(run_id_is_valid(longest));
    assert_true(run_id_is_valid("nightly_2026-11-21.3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_is_named_by_scenario_and_time),
        cmocka_unit_test(a_long_name_is_cut),
        cmocka_unit_test(a_name_that_is_no_folder_name_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "made_run.h"
#include "plan/roster.h"
#include "result/users_csv.h"

#define MAX_TEXT ((size_t)1 << 20)

/* What a platform calls its users is not ours to trust. */
static void fault_55_names_from_outside_are_neither_formulas_nor_columns(void **state)
{
    static const struct {
        const char *name, *cell;
    } cases[] = {
        {"=cmd()|' /C calc'!A0", "\"'=cmd()|' /C calc'!A0\",\"'@org\","},
        {"\t=1+1", "\"'\t=1+1\",\"'@org\","},
        {"\r=1+1", "\"'\r=1+1\",\"'@org\","},
        {"a,\"b\"", "\"a,\"\"b\"\"\",\"'@org\","},
        {"user-plain", "\"user-plain\",\"'@org\","},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct roster_user user = {
            .org_name = "@org", .org_id = "@org", .user_id = cases[i].name};
        const struct roster roster = {.users = &user, .user_count = 1};
        struct buf out = BUF_INIT(MAX_TEXT);
        struct made_run run;
        const char *row;

        made_run_init(&run, (struct made_options){.requests = 1});
        run.facts.roster = &roster;
        assert_int_equal(users_csv_write(&run.facts, &out), 0);
        row = strstr(buf_str(&out), "\r\n");
        assert_non_null(row);
        assert_memory_equal(row + 2, cases[i].cell, strlen(cases[i].cell));
        buf_deinit(&out);
        made_run_deinit(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_55_names_from_outside_are_neither_formulas_nor_columns),
    };

    return cmocka_run_group_tests_name("users_csv", tests, NULL, NULL);
}

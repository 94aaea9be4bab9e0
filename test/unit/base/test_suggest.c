#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/suggest.h"

static void suggestions_are_near(void **state)
{
    static const char *const names[] = {"think_time", "weight", "flow", "headers"};

    (void)state;
    assert_string_equal(suggest_name("thnik_time", names, 4), "think_time");
    assert_string_equal(suggest_name("wieght", names, 4), "weight");
    assert_string_equal(suggest_name("header", names, 4), "headers");
    assert_string_equal(suggest_name("flwo", names, 4), "flow");
    assert_null(suggest_name("colour", names, 4));
    assert_null(suggest_name("x", names, 4));
    assert_null(suggest_name("", names, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggestions_are_near),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/secret_name.h"

static void names_of_secrets_are_known_in_any_case(void **state)
{
    static const char *const names[] = {
        "password", "X-API-Key",     "apiKey",       "key",  "Authorization",
        "sig",      "client_secret", "X-Auth-Token", "PASS", "AWS_ACCESS_KEY_ID"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_true(secret_name_is(names[i], strlen(names[i])));
}

static void other_names_are_none(void **state)
{
    static const char *const names[] = {"",       "model",  "keyboard", "user",
                                        "author", "monkey", "pwd",      "passenger_id"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_false(secret_name_is(names[i], strlen(names[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_secrets_are_known_in_any_case),
        cmocka_unit_test(other_names_are_none),
    };

    return cmocka_run_group_tests_name("secret_name", tests, NULL, NULL);
}

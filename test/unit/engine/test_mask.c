#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "engine/mask.h"

static void members_that_are_named_like_secrets_are_starred_out(void **state)
{
    static const char *const cases[][2] = {
        {"{\"user\":\"me\",\"password\":\"abc\"}",
         "{\"user\":\"me\",\"password\":\"***\"}"},
        {"{\"API_Key\" : \"a\\\"b\", \"n\":1}", "{\"API_Key\" : \"****\", \"n\":1}"},
        {"{\"access_token\":\"abc\",\"token\":\"d\"}",
         "{\"access_token\":\"***\",\"token\":\"*\"}"},
        {"{\"key\":\"abc\",\"monkey\":\"abc\"}", "{\"key\":\"***\",\"monkey\":\"abc\"}"},
        {"{\"max_tokens\":200}", "{\"max_tokens\":200}"},
        {"{\"a\":\"password\",\"b\":\"c\"}", "{\"a\":\"password\",\"b\":\"c\"}"},
        {"{\"token\":\t\"abc\",\"pw\"\n:\r\n \"d\"}",
         "{\"token\":\t\"***\",\"pw\"\n:\r\n \"*\"}"},
        {"<html>\"secret\":\"cut off he", "<html>\"secret\":\"**********"},
        {"\"secret", "\"secret"},
        {"\"secret\":", "\"secret\":"},
        {"\"a\\", "\"a\\"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[100];

        (void)snprintf(text, sizeof(text), "%s", cases[i][0]);
        mask_members(text);
        assert_string_equal(text, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_that_are_named_like_secrets_are_starred_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

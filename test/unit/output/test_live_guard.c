/* Who is let in: by name, page and token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "output/live.h"
#include "output/live_guard.h"
#include "serve/serve.h"

#define TOKEN "0123456789abcdef"
#define RIGHT "Bearer " TOKEN

static struct secret *token;

static int make_token(void **state)
{
    (void)state;
    return secret_new(TOKEN, &token);
}

static int free_token(void **state)
{
    (void)state;
    token = secret_free(token);
    return 0;
}

static int ask(bool is_local, enum live_right right, struct live_caller caller)
{
    const struct live_guard guard = {.token = token, .is_local = is_local};
    const char *sentence = NULL;
    const int status = live_guard_check(&guard, right, &caller, &sentence);

    assert_true(status == 0 || (sentence && *sentence));
    return status;
}

static void this_machine_may_view_without_a_token_and_steer_with_it(void **state)
{
    (void)state;
    assert_int_equal(
        ask(true, LIVE_RIGHT_PAGE, (struct live_caller){.host = "localhost"}), 0);
    assert_int_equal(
        ask(true, LIVE_RIGHT_VIEW, (struct live_caller){.host = "127.0.0.1:80"}), 0);
    assert_int_equal(
        ask(true, LIVE_RIGHT_CONTROL, (struct live_caller){.host = "[::1]:80"}), 401);
    assert_int_equal(
        ask(true, LIVE_RIGHT_CONTROL,
            (struct live_caller){.host = "[::1]:80", .authorization = RIGHT}),
        0);
}

static void others_need_the_token_for_figures_too(void **state)
{
    (void)state;
    assert_int_equal(
        ask(false, LIVE_RIGHT_PAGE, (struct live_caller){.host = "load.lan"}), 0);
    assert_int_equal(
        ask(false, LIVE_RIGHT_VIEW, (struct live_caller){.host = "load.lan"}), 401);
    assert_int_equal(
        ask(false, LIVE_RIGHT_VIEW,
            (struct live_caller){.host = "load.lan", .authorization = RIGHT}),
        0);
}

static void a_name_that_was_rebound_to_this_machine_is_none_of_its_own(void **state)
{
    static const char *const names[] = {"evil.example",
                                        "evil.example:8089",
                                        "localhost.evil.example",
                                        "127.0.0.1.evil",
                                        "128.0.0.1",
                                        "[::2]",
                                        "[::1.evil]",
                                        "",
                                        "0.0.0.0",
                                        "localhost@evil",
                                        "127.1",
                                        ":8089",
                                        "[::ffff:8.8.8.8]"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const struct live_caller caller = {.host = names[i], .authorization = RIGHT};

        for (enum live_right right = LIVE_RIGHT_PAGE; right <= LIVE_RIGHT_CONTROL;
             right++)
            assert_int_equal(ask(true, right, caller), 403);
    }
    assert_int_equal(ask(true, LIVE_RIGHT_PAGE, (struct live_caller){.host = NULL}), 403);
}

static void another_page_in_the_browser_is_refused_even_with_the_token(void **state)
{
    static const struct live_caller pages[] = {
        {"localhost:8089", "http://evil.example", NULL, RIGHT},
        {"localhost:8089", "http://localhost:3000", NULL, RIGHT},
        {"localhost:8089", "null", NULL, RIGHT},
        {"localhost:8089", NULL, "cross-site", RIGHT},
        {"localhost:8089", NULL, "same-site", RIGHT},
    };
    const struct live_caller own = {"localhost:8089", "http://localhost:8089",
                                    "same-origin", RIGHT};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        assert_int_equal(ask(true, LIVE_RIGHT_VIEW, pages[i]), 403);
        assert_int_equal(ask(true, LIVE_RIGHT_CONTROL, pages[i]), 403);
        assert_int_equal(ask(false, LIVE_RIGHT_CONTROL, pages[i]), 403);
    }
    assert_int_equal(ask(true, LIVE_RIGHT_CONTROL, own), 0);
}

static void what_is_almost_the_token_is_not(void **state)
{
    static const char *const wrong[] = {"",
                                        "Bearer",
                                        "Bearer ",
                                        ("Basic " TOKEN),
                                        TOKEN,
                                        "Bearer 0123456789abcde",
                                        "Bearer 0123456789abcdeF",
                                        "Bearer 0123456789abcdef0",
                                        "Bearer  0123456789abcdef"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const struct live_caller caller = {.host = "localhost",
                                           .authorization = wrong[i]};

        assert_int_equal(ask(true, LIVE_RIGHT_CONTROL, caller), 401);
        assert_int_equal(ask(true, LIVE_RIGHT_VIEW, caller), 401); /* and it is told */
    }
}

static void addresses_of_this_machine_are_told_from_others(void **state)
{
    static const struct {
        const char *text;
        bool is_local;
    } cases[] = {{"127.0.0.1:1", true},     {"127.9.9.9:1", true}, {"[::1]:1", true},
                 {"0.0.0.0:1", false},      {"[::]:1", false},     {"10.0.0.1:1", false},
                 {"[2001:db8::1]:1", false}};
    struct sockaddr_storage address;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(serve_address_parse(cases[i].text, &address), 0);
        assert_int_equal(live_guard_is_local(&address), cases[i].is_local);
    }
}

static void tokens_are_long_unlike_each_other_and_fit_for_urls(void **state)
{
    struct secret *one = NULL;
    struct secret *other = NULL;

    (void)state;
    assert_int_equal(live_token_new(&one), 0);
    assert_int_equal(live_token_new(&other), 0);
    assert_true(live_token_is_fit(secret_reveal(one)));
    assert_true(strlen(secret_reveal(one)) >= 22); /* 128 bits */
    assert_string_not_equal(secret_reveal(one), secret_reveal(other));
    secret_free(one);
    secret_free(other);
    assert_false(live_token_is_fit(""));
    assert_false(live_token_is_fit("short"));
    assert_false(live_token_is_fit("0123456789abcde/"));
    assert_false(live_token_is_fit("0123456789abcde\n"));
    assert_false(live_token_is_fit("0123456789 abcdef"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(this_machine_may_view_without_a_token_and_steer_with_it),
        cmocka_unit_test(others_need_the_token_for_figures_too),
        cmocka_unit_test(a_name_that_was_rebound_to_this_machine_is_none_of_its_own),
        cmocka_unit_test(another_page_in_the_browser_is_refused_even_with_the_token),
        cmocka_unit_test(what_is_almost_the_token_is_not),
        cmocka_unit_test(addresses_of_this_machine_are_told_from_others),
        cmocka_unit_test(tokens_are_long_unlike_each_other_and_fit_for_urls),
    };

    return cmocka_run_group_tests_name("live_guard", tests, make_token, free_token);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "engine/cookies.h"

#define SHOP "https://shop.example:8443/basket/items?id=7"

static void take(struct cookies *cookies, const char *url, const char *line)
{
    const struct cookies_place place = cookies_place_of(url);

    /* 2024-02-29 12:00:00 */
    assert_int_equal(cookies_take(cookies, line, &place, 5 * NS_PER_S,
                                  UINT64_C(1709208000) * NS_PER_S),
                     0);
}

static void assert_sent(const struct cookies *cookies, const char *url, uint64_t now_ns,
                        const char *expected)
{
    const struct cookies_place place = cookies_place_of(url);
    struct buf out = BUF_INIT(10000);

    assert_int_equal(cookies_write(cookies, &place, now_ns, &out), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void a_cookie_goes_back_to_the_host_that_set_it_and_to_no_other(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, SHOP, "session=abc; HttpOnly");
    assert_sent(&cookies, "https://shop.example/basket", NS_PER_S, "session=abc");
    assert_sent(&cookies, "https://SHOP.example/basket/", NS_PER_S, "session=abc");
    assert_sent(&cookies, "http://shop.example:80/basket/a?b", NS_PER_S, "session=abc");
    assert_sent(&cookies, "https://www.shop.example/basket", NS_PER_S, "");
    assert_sent(&cookies, "https://notshop.example/basket", NS_PER_S, "");
    cookies_deinit(&cookies);
}

static void a_domain_takes_in_the_hosts_below_it(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, "https://www.shop.example/", "a=1; Domain=.shop.example; path=/");
    take(&cookies, "https://www.shop.example/", "b=2; Domain=other.example");
    assert_sent(&cookies, "https://api.shop.example/x", NS_PER_S, "a=1");
    assert_sent(&cookies, "https://shop.example/x", NS_PER_S, "a=1");
    assert_sent(&cookies, "https://workshop.example/x", NS_PER_S, "");
    assert_sent(&cookies, "https://other.example/x", NS_PER_S, "");
    cookies_deinit(&cookies);
}

static void an_address_has_no_hosts_below_it(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, "http://127.0.0.1:8000/", "a=1; Domain=0.0.1");
    take(&cookies, "http://127.0.0.1:8000/", "b=2");
    take(&cookies, "http://[::1]:8000/", "c=3");
    assert_sent(&cookies, "http://127.0.0.1/", NS_PER_S, "b=2");
    assert_sent(&cookies, "http://[::1]/", NS_PER_S, "c=3");
    cookies_deinit(&cookies);
}

static void a_path_takes_in_what_lies_below_it(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, SHOP, "a=1; Path=/api");
    assert_sent(&cookies, "https://shop.example/api", NS_PER_S, "a=1");
    assert_sent(&cookies, "https://shop.example/api/v1", NS_PER_S, "a=1");
    assert_sent(&cookies, "https://shop.example/apis", NS_PER_S, "");
    assert_sent(&cookies, "https://shop.example", NS_PER_S, "");
    cookies_deinit(&cookies);
}

static void a_secure_cookie_stays_off_plain_connections(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, SHOP, "a=1; path=/; Secure");
    assert_sent(&cookies, "http://shop.example/", NS_PER_S, "");
    assert_sent(&cookies, "https://shop.example/", NS_PER_S, "a=1");
    cookies_deinit(&cookies);
}

static void a_cookie_ends_at_its_time_and_max_age_wins(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, SHOP, "a=1; path=/; Max-Age=10");
    take(&cookies, SHOP, "b=2; path=/; Expires=Thu, 29 Feb 2024 12:01:00 GMT");
    take(&cookies, SHOP,
         "c=3; path=/; max-age=20; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    take(&cookies, SHOP, "d=4; path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    take(&cookies, SHOP, "e=5; path=/; Max-Age=soon");
    assert_sent(&cookies, SHOP, 14 * NS_PER_S, "e=5; c=3; b=2; a=1");
    assert_sent(&cookies, SHOP, 15 * NS_PER_S, "e=5; c=3; b=2");
    assert_sent(&cookies, SHOP, 25 * NS_PER_S, "e=5; b=2");
    assert_sent(&cookies, SHOP, 65 * NS_PER_S, "e=5");
    cookies_deinit(&cookies);
}

static void a_cookie_of_the_same_name_and_place_takes_its_place(void **state)
{
    struct cookies cookies = {0};

    (void)state;
    take(&cookies, SHOP, "a=old; path=/");
    take(&cookies, SHOP, "a=new; path=/");
    take(&cookies, SHOP, "a=deep; path=/basket");
    assert_sent(&cookies, SHOP, NS_PER_S, "a=deep; a=new");
    take(&cookies, SHOP, "a=; path=/basket; Max-Age=0");
    assert_sent(&cookies, SHOP, NS_PER_S, "a=new");
    cookies_deinit(&cookies);
    assert_sent(&cookies, SHOP, NS_PER_S, "");
}

static void what_is_no_cookie_is_left_out(void **state)
{
    static const char *const lines[] = {"", ";", "=", "=x", "word", "; a=1", " \t"};
    struct cookies cookies = {0};
    char large[COOKIES_MAX_BYTES + 10];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        take(&cookies, SHOP, lines[i]);
    memset(large, 'x', sizeof(large) - 1);
    large[1] = '=';
    large[sizeof(large) - 1] = '\0';
    take(&cookies, SHOP, large);
    assert_sent(&cookies, SHOP, NS_PER_S, "");
    assert_int_equal(cookies.count, 0);
}

static void a_jar_keeps_the_newest(void **state)
{
    struct cookies cookies = {0};
    char line[32];

    (void)state;
    for (int i = 0; i < 3 * COOKIES_MAX; i++) {
        (void)snprintf(line, sizeof(line), "c%d=1; path=/only/%d", i, i);
        take(&cookies, SHOP, line);
        assert_true(cookies.count <= COOKIES_MAX);
    }
    assert_sent(&cookies, "https://shop.example/only/0", NS_PER_S, "");
    assert_sent(&cookies, "https://shop.example/only/191", NS_PER_S, "c191=1");
    cookies_deinit(&cookies);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cookie_goes_back_to_the_host_that_set_it_and_to_no_other),
        cmocka_unit_test(a_domain_takes_in_the_hosts_below_it),
        cmocka_unit_test(an_address_has_no_hosts_below_it),
        cmocka_unit_test(a_path_takes_in_what_lies_below_it),
        cmocka_unit_test(a_secure_cookie_stays_off_plain_connections),
        cmocka_unit_test(a_cookie_ends_at_its_time_and_max_age_wins),
        cmocka_unit_test(a_cookie_of_the_same_name_and_place_takes_its_place),
        cmocka_unit_test(what_is_no_cookie_is_left_out),
        cmocka_unit_test(a_jar_keeps_the_newest),
    };

    return cmocka_run_group_tests_name("cookies", tests, NULL, NULL);
}

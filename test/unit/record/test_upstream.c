#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "record/hop.h"
#include "record/upstream.h"

static void a_url_is_cut_and_loses_its_version(void **state)
{
    static const struct {
        const char *text;
        const char *origin;
        const char *prefix;
        const char *url;
    } cases[] = {
        {"https://a.example", "https://a.example", "", "https://a.example"},
        {"https://a.example/", "https://a.example", "", "https://a.example"},
        {"HTTP://[::1]:80/v1/", "HTTP://[::1]:80", "", "HTTP://[::1]:80"},
        {"http://h/openai/v1", "http://h", "/openai", "http://h/openai"},
        {"http://h/dev1", "http://h", "/dev1", "http://h/dev1"},
        {"http://h/v", "http://h", "/v", "http://h/v"},
    };
    struct upstream upstream;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_null(upstream_parse(cases[i].text, &upstream));
        assert_string_equal(upstream.origin, cases[i].origin);
        assert_string_equal(upstream.prefix, cases[i].prefix);
        assert_string_equal(upstream.url, cases[i].url);
    }
}

static void what_is_no_upstream_is_refused(void **state)
{
    static const char *const bad[] = {"",           "a.example",  "ftp://h",
                                      "http://",    "http:///",   "http://u:p@h",
                                      "http://h?a", "http://h b", "http://h/#x"};
    struct upstream upstream;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_non_null(upstream_parse(bad[i], &upstream));
}

static void headers_of_one_hop_are_known(void **state)
{
    (void)state;
    assert_true(hop_is_own("Transfer-Encoding", NULL));
    assert_true(hop_is_own("HOST", NULL));
    assert_true(hop_is_own("X-Mine", "close, x-mine"));
    assert_true(hop_is_own("close", "close , x-mine"));
    assert_false(hop_is_own("X-Min", "close, x-mine"));
    assert_false(hop_is_own("Content-Type", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_cut_and_loses_its_version),
        cmocka_unit_test(what_is_no_upstream_is_refused),
        cmocka_unit_test(headers_of_one_hop_are_known),
    };

    return cmocka_run_group_tests_name("upstream", tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/buf.h"
#include "output/push_path.h"

static void assert_path(const char *value, const char *expected)
{
    const struct push_label labels[] = {{"job", "throng"}, {"worker_pod", value}};
    struct buf path = BUF_INIT(1000);

    assert_int_equal(push_path_append(&path, labels, 2), 0);
    assert_string_equal(buf_str(&path), expected);
    buf_deinit(&path);
}

static void plain_values_stand_as_they_are(void **state)
{
    (void)state;
    assert_path("throng-0.a_b~c", "/metrics/job/throng/worker_pod/throng-0.a_b~c");
}

/* The examples of the Pushgateway's README: a slash, and nothing at all. */
static void odd_values_stand_in_base64(void **state)
{
    (void)state;
    assert_path("/var/tmp", "/metrics/job/throng/worker_pod@base64/L3Zhci90bXA");
    assert_path("", "/metrics/job/throng/worker_pod@base64/=");
    assert_path("..", "/metrics/job/throng/worker_pod@base64/Li4");
    assert_path("a b", "/metrics/job/throng/worker_pod@base64/YSBi");
    assert_path("50%", "/metrics/job/throng/worker_pod@base64/NTAl");
    assert_path("\xcf\x80?>", "/metrics/job/throng/worker_pod@base64/z4A_Pg");
}

static void base64_is_that_of_the_standard(void **state)
{
    /* RFC 4648, section 10, and the two letters in which the alphabets differ. */
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"\xfb\xff", "+/8="},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct buf out = BUF_INIT(100);

        base64_append(&out, pairs[i][0], strlen(pairs[i][0]));
        assert_string_equal(buf_str(&out), pairs[i][1]);
        buf_deinit(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_values_stand_as_they_are),
        cmocka_unit_test(odd_values_stand_in_base64),
        cmocka_unit_test(base64_is_that_of_the_standard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

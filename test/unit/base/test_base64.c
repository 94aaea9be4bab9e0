#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"

/* RFC 4648, section 10, and bytes that are no text. */
static void what_was_encoded_is_decoded(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        const char *text;
    } pairs[] = {
        {"", 0, ""},        {"f", 1, "Zg=="},          {"fo", 2, "Zm8="},
        {"foo", 3, "Zm9v"}, {"foobar", 6, "Zm9vYmFy"}, {"\0\xFF\x10", 3, "AP8Q"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        struct buf text = BUF_INIT(64);
        struct buf bytes = BUF_INIT(64);

        base64_append(&text, pairs[i].bytes, pairs[i].len);
        assert_string_equal(buf_str(&text), pairs[i].text);
        assert_int_equal(base64_decode(&bytes, buf_str(&text), text.len), 0);
        assert_int_equal(bytes.len, pairs[i].len);
        assert_memory_equal(buf_str(&bytes), pairs[i].bytes, pairs[i].len);
        buf_deinit(&text);
        buf_deinit(&bytes);
    }
}

static void padding_may_be_missing(void **state)
{
    struct buf bytes = BUF_INIT(64);

    (void)state;
    assert_int_equal(base64_decode(&bytes, "Zm8", 3), 0);
    assert_string_equal(buf_str(&bytes), "fo");
    buf_deinit(&bytes);
}

static void what_is_no_base64_is_refused(void **state)
{
    static const char *const texts[] = {
        "Z", "Zm9vY", "Zm 9", "Zm9_", "Z===", "====", "Zm9v=", "Zh==", "=Zm8"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct buf bytes = BUF_INIT(64);

        assert_int_equal(base64_decode(&bytes, texts[i], strlen(texts[i])), -EINVAL);
        buf_deinit(&bytes);
    }
}

static void a_full_buffer_is_told(void **state)
{
    struct buf bytes = BUF_INIT(2);

    (void)state;
    assert_int_equal(base64_decode(&bytes, "Zm9v", 4), -EMSGSIZE);
    buf_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_encoded_is_decoded),
        cmocka_unit_test(padding_may_be_missing),
        cmocka_unit_test(what_is_no_base64_is_refused),
        cmocka_unit_test(a_full_buffer_is_told),
    };

    return cmocka_run_group_tests_name("base_base64", tests, NULL, NULL);
}

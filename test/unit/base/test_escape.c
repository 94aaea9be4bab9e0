#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/rng.h"

#define BAD "\xEF\xBF\xBD"

/* len 0: up to the NUL. */
struct example {
    const char *text;
    const char *expected;
    size_t len;
};

static void assert_escapes(int (*append)(struct buf *, const char *, size_t),
                           const struct example *example)
{
    struct buf buf = BUF_INIT(1000);
    const size_t len = example->len ? example->len : strlen(example->text);

    assert_int_equal(append(&buf, example->text, len), 0);
    assert_string_equal(buf_str(&buf), example->expected);
    buf_deinit(&buf);
}

static void json_escapes_what_json_demands(void **state)
{
    static const struct example examples[] = {
        {.text = "", .expected = ""},
        {.text = "plain", .expected = "plain"},
        {.text = "say \"hi\"\\", .expected = "say \\\"hi\\\"\\\\"},
        {.text = "\n\r\t\b\f", .expected = "\\n\\r\\t\\b\\f"},
        {.text = "\x01\x1F\x7F", .expected = "\\u0001\\u001f\x7F"},
        {.text = "a\0b", .expected = "a\\u0000b", .len = 3},
        {.text = "\u00e9\u20ac\U0001F600", .expected = "\u00e9\u20ac\U0001F600"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        assert_escapes(buf_append_json, &examples[i]);
}

static void bytes_that_are_no_utf8_are_replaced_one_by_one(void **state)
{
    static const struct example examples[] = {
        {.text = "a\x80z", .expected = "a" BAD "z"},
        {.text = "\xC0\xAF", .expected = BAD BAD},         /* overlong */
        {.text = "\xE0\x80\x80", .expected = BAD BAD BAD}, /* overlong */
        {.text = "\xF0\x8F\xBF\xBF", .expected = BAD BAD BAD BAD},
        {.text = "\xED\xA0\xBD\xED\xB8\x80",
         .expected = BAD BAD BAD BAD BAD BAD},                     /* CESU-8 */
        {.text = "\xF4\x90\x80\x80", .expected = BAD BAD BAD BAD}, /* beyond U+10FFFF */
        {.text = "\xF0\x9F\x98", .expected = BAD BAD BAD},         /* cut */
        {.text = "\xE2\x82\"", .expected = BAD BAD "\\\""},
        {.text = "\xFF\xFE", .expected = BAD BAD},
        {.text = "\xED\x9F\xBF\xEE\x80\x80", .expected = "\xED\x9F\xBF\xEE\x80\x80"},
        {.text = "\xF4\x8F\xBF\xBF", .expected = "\xF4\x8F\xBF\xBF"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        assert_escapes(buf_append_json, &examples[i]);
}

/* U+0000 to U+10FFFF, encoded here by the definition: valid ones pass, surrogates do not. */
static void every_code_point_passes_but_surrogates(void **state)
{
    (void)state;
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        struct buf buf = BUF_INIT(100);
        char text[4];
        size_t len = 0;

        if (c < 0x800) {
            text[len++] = (char)(0xC0 | c >> 6);
        } else if (c < 0x10000) {
            text[len++] = (char)(0xE0 | c >> 12);
            text[len++] = (char)(0x80 | (c >> 6 & 0x3F));
        } else {
            text[len++] = (char)(0xF0 | c >> 18);
            text[len++] = (char)(0x80 | (c >> 12 & 0x3F));
            text[len++] = (char)(0x80 | (c >> 6 & 0x3F));
        }
        text[len++] = (char)(0x80 | (c & 0x3F));
        buf_append_json(&buf, text, len);
        if (c >= 0xD800 && c < 0xE000)
            assert_string_equal(buf_str(&buf), BAD BAD BAD);
        else if (buf.len != len || memcmp(buf.bytes, text, len) != 0)
            fail_msg("U+%04X is changed", c);
        buf_deinit(&buf);
    }
}

static void printable_text_stays_in_its_line_and_commands_nothing(void **state)
{
    static const struct example examples[] = {
        {.text = "quo\"te\\ \u00e9\u20ac\U0001F600",
         .expected = "quo\"te\\ \u00e9\u20ac\U0001F600"},
        {.text = "one\r\ntwo\n", .expected = "one  two "},
        {.text = "a\tb", .expected = "a\tb"},
        {.text = "\x1B[2J\x07\x7F", .expected = BAD "[2J" BAD BAD},
        {.text = "\xC2\x9B"
                 "31m",
         .expected = BAD "31m"}, /* CSI of C1 */
        {.text = "\xC2\xA0", .expected = "\xC2\xA0"},
        {.text = "a\0b\xFF", .expected = "a" BAD "b" BAD, .len = 4},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        assert_escapes(buf_append_printable, &examples[i]);
}

/* Whatever comes in, what goes out goes through once more unchanged. */
static void printable_text_is_printable(void **state)
{
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 0, 0, RNG_TEST);
    for (int round = 0; round < 20000; round++) {
        struct buf once = BUF_INIT(1000);
        struct buf twice = BUF_INIT(1000);
        char text[16];
        const size_t len = rng_below(&rng, sizeof(text) + 1);

        for (size_t i = 0; i < len; i++)
            text[i] =
                (char)(rng_below(&rng, 2) ? rng_next(&rng) : 0xC2 + rng_below(&rng, 64));
        buf_append_printable(&once, text, len);
        buf_append_printable(&twice, buf_str(&once), once.len);
        assert_int_equal(once.len, twice.len);
        assert_string_equal(buf_str(&once), buf_str(&twice));
        assert_null(strpbrk(buf_str(&once), "\x1B\n\r\x7F"));
        buf_deinit(&once);
        buf_deinit(&twice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_escapes_what_json_demands),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced_one_by_one),
        cmocka_unit_test(every_code_point_passes_but_surrogates),
        cmocka_unit_test(printable_text_stays_in_its_line_and_commands_nothing),
        cmocka_unit_test(printable_text_is_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

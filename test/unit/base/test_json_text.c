#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/json_scan.h"

/* As a piece of memory of its own, so that a sanitizer sees a byte read too far. */
static bool is_json_of(const char *text, size_t len, unsigned depth)
{
    char *copy = malloc(len + 1);

    assert_non_null(copy);
    memcpy(copy, text, len);
    struct json_scan scan = json_scan_begin(copy, len);

    json_scan_value(&scan, depth);
    const bool over = json_scan_is_over(&scan);

    free(copy);
    return over;
}

static bool is_json(const char *text)
{
    return is_json_of(text, strlen(text), 256);
}

static void json_by_the_letter_passes(void **state)
{
    static const char *const good[] = {
        "0",         "-0",           "12.50e+3",
        "1E-2",      "\"\"",         "\"\\u00e9\\n\\/\\ud800\"",
        " true ",    "null",         "[]",
        "{}",        "[[],{},[{}]]", "{\"a\":[1,2],\"\\n\":{\"b\":false}}",
        "\"a\xff\"", "[ 1 , 2 ]\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(is_json(good[i]));
}

static void all_else_is_refused(void **state)
{
    static const char *const bad[] = {"",
                                      " ",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "1e",
                                      "-",
                                      "nan",
                                      "NaN",
                                      "tru",
                                      "nulll",
                                      "'a'",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"a\nb\"",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{a:1}",
                                      "{\"\\q\":1}",
                                      "[1}",
                                      "{\"a\":1]",
                                      "[",
                                      "{",
                                      "[1,[2]",
                                      "1 2",
                                      "{}{}",
                                      "]",
                                      "\"open",
                                      "\"open\\\"",
                                      "{1:2}"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(is_json(bad[i]));
}

static void no_part_of_an_object_is_one(void **state)
{
    static const char whole[] =
        "{\"a\":[1.5e3,true,null,\"\\u00e9\\\"\"],\"b\":{\"c\":-0.25}}";
    const size_t len = strlen(whole);

    (void)state;
    assert_true(is_json(whole));
    for (size_t cut = 0; cut < len; cut++)
        assert_false(is_json_of(whole, cut, 256));
}

static void values_nest_as_deep_as_was_said(void **state)
{
    char text[2 * 257 + 1];

    (void)state;
    for (size_t depth = 255; depth <= 257; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(is_json_of(text, 2 * depth, 256), depth <= 256);
        assert_false(is_json_of(text, 2 * depth, 254));
    }
    assert_true(is_json_of("[1]", 3, 1));
    assert_false(is_json_of("[1]", 3, 0));
    assert_true(is_json_of("1", 1, 0));
}

static void assert_decodes(const char *inside, const char *expected)
{
    struct buf out = BUF_INIT(1000);
    const struct json_piece piece = {inside, strlen(inside),
                                     strchr(inside, '\\') != NULL};

    assert_int_equal(json_piece_append(piece, &out), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
}

static void escapes_are_undone(void **state)
{
    (void)state;
    assert_decodes("plain é", "plain é");
    assert_decodes("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t");
    assert_decodes("\\u0041\\u00e9\\u20AC\\uD83d\\ude00", "Aé€😀");
    assert_decodes("a\\ud800b\\udc00", "a\xEF\xBF\xBD"
                                       "b\xEF\xBF\xBD");
    assert_decodes("\\ud800\\u0041", "\xEF\xBF\xBD"
                                     "A");
    assert_decodes("a\xff"
                   "b\xc3",
                   "a\xEF\xBF\xBD"
                   "b\xEF\xBF\xBD");
}

static void an_escape_says_how_long_it_was_and_whether_it_is_one(void **state)
{
    (void)state;
    assert_int_equal(json_scan_escape("\\n...", 5).consumed, 2);
    assert_int_equal(json_scan_escape("\\u0000", 6).len, 1);
    assert_false(json_scan_escape("\\u0000", 6).broken);
    assert_int_equal(json_scan_escape("\\ud83d\\ude00", 12).consumed, 12);
    assert_int_equal(json_scan_escape("\\ud83d\\ude0", 11).consumed, 6);
    assert_true(json_scan_escape("\\ud83d\\ude0", 11).broken);
    assert_int_equal(json_scan_escape("\\u12", 4).consumed, 2);
    assert_true(json_scan_escape("\\u12", 4).broken);
    assert_true(json_scan_escape("\\q", 2).broken);
    assert_int_equal(json_scan_escape("\\", 1).consumed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_by_the_letter_passes),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(no_part_of_an_object_is_one),
        cmocka_unit_test(values_nest_as_deep_as_was_said),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(an_escape_says_how_long_it_was_and_whether_it_is_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

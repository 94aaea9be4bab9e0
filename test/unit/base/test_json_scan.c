#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json_scan.h"

static bool skips(const char *text)
{
    struct json_scan scan = json_scan_begin(text, strlen(text));

    json_scan_skip(&scan);
    return json_scan_is_over(&scan);
}

static void any_single_value_is_skipped_whole(void **state)
{
    (void)state;
    assert_true(skips("1"));
    assert_true(skips(" -1.5e3 "));
    assert_true(skips("\"a \\\" b\""));
    assert_true(skips("{\"a\":[1,{\"b\":\"}\"}],\"c\":null}"));
    assert_true(skips("[]"));
    assert_true(skips("true"));
}

static void what_is_not_one_value_is_refused(void **state)
{
    (void)state;
    assert_false(skips(""));
    assert_false(skips("{} {}"));
    assert_false(skips("{\"a\":1"));
    assert_false(skips("[1}"));
    assert_false(skips("\"open"));
    assert_false(skips("\"line\nbreak\""));
    assert_false(skips(","));
    assert_false(skips("]"));
}

static void nesting_is_bounded(void **state)
{
    char deep[200];

    (void)state;
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    struct json_scan scan = json_scan_begin(deep, sizeof(deep));

    json_scan_skip(&scan);
    assert_true(scan.failed);
    scan = json_scan_begin(deep + 40, 120);
    json_scan_skip(&scan);
    assert_true(json_scan_is_over(&scan));
}

static void objects_are_walked_in_order(void **state)
{
    const char *text = "{ \"a\" : 7 , \"b\":\"x\\ny\" }";
    struct json_scan scan = json_scan_begin(text, strlen(text));

    (void)state;
    assert_true(json_scan_enter(&scan, '{'));
    assert_true(json_piece_is(json_scan_key(&scan), "a"));
    assert_int_equal(json_scan_count(&scan), 7);
    assert_true(json_scan_next(&scan, '}'));
    assert_true(json_piece_is(json_scan_key(&scan), "b"));
    const struct json_piece piece = json_scan_string(&scan);

    assert_true(piece.escaped);
    assert_int_equal(piece.len, 4);
    assert_false(json_scan_next(&scan, '}'));
    assert_true(json_scan_is_over(&scan));
}

/* Each byte that a string may hold or not, at each place of strings of each length. */
static void a_string_ends_at_its_quote_wherever_it_stands(void **state)
{
    char text[40];

    (void)state;
    for (size_t len = 1; len < 30; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                memset(text, 'a' + (int)len % 20, sizeof(text));
                text[0] = '"';
                text[1 + at] = (char)c;
                text[1 + len] = '"';
                struct json_scan scan = json_scan_begin(text, len + 2);
                const struct json_piece piece = json_scan_string(&scan);
                const bool escapes_end = c == '\\' && at + 1 == len;
                const size_t end = c == '"' ? at : len;

                assert_int_equal(scan.failed, c < 0x20 || escapes_end);
                if (scan.failed)
                    continue;
                assert_int_equal(piece.len, end);
                assert_int_equal(piece.escaped, c == '\\');
                assert_ptr_equal(scan.at, text + end + 2);
            }
        }
    }
}

static void only_whole_numbers_are_counts(void **state)
{
    static const char *const bad[] = {"[-1]", "[1.5]", "[1e3]", "[x]",
                                      "[1234567890123456789012]"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct json_scan scan = json_scan_begin(bad[i], strlen(bad[i]));

        json_scan_enter(&scan, '[');
        json_scan_count(&scan);
        assert_true(scan.failed);
    }
}

static void an_escaped_key_is_not_trusted(void **state)
{
    const char *text = "{\"\\u0061\":1}";
    struct json_scan scan = json_scan_begin(text, strlen(text));

    (void)state;
    json_scan_enter(&scan, '{');
    json_scan_key(&scan);
    assert_true(scan.failed);
}

static void a_decimal_is_read_in_millionths(void **state)
{
    static const struct {
        const char *text;
        bool fails;
        uint64_t millionths;
    } table[] = {
        {"[0]", false, 0},
        {"[81]", false, 81000000},
        {"[81.337 ]", false, 81337000},
        {"[0.1234567890123]", false, 123456},
        {"[9999999999999.999999]", false, UINT64_C(9999999999999999999)},
        {"[10000000000000]", true, 0},
        {"[1.]", true, 0},
        {"[.5]", true, 0},
        {"[1.2.3]", true, 0},
        {"[1e3]", true, 0},
        {"[-1]", true, 0},
        {"[\"1\"]", true, 0},
        {"[1", true, 0},
        {"[1.", true, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct json_scan scan = json_scan_begin(table[i].text, strlen(table[i].text));
        uint64_t value;

        assert_true(json_scan_enter(&scan, '['));
        value = json_scan_millionths(&scan);
        assert_int_equal(scan.failed, table[i].fails);
        if (!table[i].fails)
            assert_int_equal(value, table[i].millionths);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_single_value_is_skipped_whole),
        cmocka_unit_test(what_is_not_one_value_is_refused),
        cmocka_unit_test(nesting_is_bounded),
        cmocka_unit_test(objects_are_walked_in_order),
        cmocka_unit_test(a_string_ends_at_its_quote_wherever_it_stands),
        cmocka_unit_test(only_whole_numbers_are_counts),
        cmocka_unit_test(a_decimal_is_read_in_millionths),
        cmocka_unit_test(an_escaped_key_is_not_trusted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

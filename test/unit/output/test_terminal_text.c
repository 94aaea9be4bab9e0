#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "output/terminal_line.h"
#include "output/terminal_text.h"

static const struct terminal_style plain = {.columns = 80};
static const struct terminal_style colourful = {.columns = 80, .colour = true};

static void assert_safe(const char *text, size_t columns, const char *expected)
{
    struct buf out = BUF_INIT(1024);

    terminal_put_safe(&out, text, columns);
    assert_string_equal(buf_str(&out), expected);
    assert_true(terminal_width(buf_str(&out)) <= columns);
    buf_deinit(&out);
}

static void widths_count_columns_and_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(terminal_width(""), 0);
    assert_int_equal(terminal_width("12.5 µs"), 7);
    assert_int_equal(terminal_width("日本"), 4);
    assert_int_equal(terminal_width("e\u0301"), 1);
    assert_int_equal(terminal_width("\xff\xfe"), 2); /* as two U+FFFD */
}

static void fault_55_nothing_from_outside_can_move_the_cursor(void **state)
{
    (void)state;
    assert_safe("\033[31mred\033[0m", 80, "\\x1b[31mred\\x1b[0m");
    assert_safe("a\r\nb\tc\x7f", 80, "a\\x0d\\x0ab\\x09c\\x7f");
    assert_safe("\xc2\x9b"
                "2J",
                80, "\\x9b2J"); /* CSI of C1 */
    assert_safe("\u202Eabc\u2066", 80, "\\u{202e}abc\\u{2066}");
    assert_safe("\xff\xc0\xafz", 80, "\uFFFD\uFFFD\uFFFDz");
    assert_safe("\xed\xa0\x80", 80, "\uFFFD\uFFFD\uFFFD"); /* a lone surrogate */
    assert_safe("Grüße, 日本", 80, "Grüße, 日本");
}

static void what_is_too_long_ends_in_dots_at_the_column(void **state)
{
    (void)state;
    assert_safe("abcdef", 6, "abcdef");
    assert_safe("abcdef", 5, "abcd…");
    assert_safe("日本語", 5, "日本…");
    assert_safe("日本語", 4, "日…");
    assert_safe("abc", 0, "");
}

static void colours_are_there_only_where_the_style_has_them(void **state)
{
    struct buf out = BUF_INIT(1024);

    (void)state;
    terminal_paint(&out, plain, PAINT_BAD, "x");
    assert_string_equal(buf_str(&out), "x");
    buf_clear(&out);
    terminal_paint(&out, colourful, PAINT_BAD, "x");
    assert_string_equal(buf_str(&out), "\033[1;31mx\033[0m");
    buf_deinit(&out);
}

static void sentences_break_between_words_and_stay_behind_their_indent(void **state)
{
    struct buf out = BUF_INIT(1024);

    (void)state;
    terminal_wrap(&out, "one two three four", 2, 10);
    assert_string_equal(buf_str(&out), "one two\n  three\n  four");
    buf_clear(&out);
    terminal_wrap(&out, "incomprehensibilities are long", 2, 10);
    assert_string_equal(buf_str(&out), "incomprehensibilities\n  are long");
    buf_deinit(&out);
}

static void a_piece_that_does_not_fit_is_left_out_with_all_after_it(void **state)
{
    struct buf out = BUF_INIT(1024);
    struct terminal_line line;
    struct terminal_style narrow = colourful;

    (void)state;
    narrow.columns = 10;
    line_init(&line, &out, narrow);
    line_add(&line, "", PAINT_PLAIN, "abcde");
    line_add_figure(&line, "  ", PAINT_PLAIN, "100", "users");
    line_add(&line, "", PAINT_PLAIN, "x");
    assert_string_equal(buf_str(&out), "abcde");
    buf_deinit(&out);
}

static void
a_pipe_is_neither_live_nor_coloured_and_takes_its_width_from_columns(void **state)
{
    int ends[2];
    struct terminal_style style;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    unsetenv("COLUMNS");
    style = terminal_style_of(ends[1]);
    assert_false(style.live);
    assert_false(style.colour);
    assert_int_equal(style.columns, 100);
    setenv("COLUMNS", "72", 1);
    assert_int_equal(terminal_style_of(ends[1]).columns, 72);
    setenv("COLUMNS", "7", 1);
    assert_int_equal(terminal_style_of(ends[1]).columns, 40);
    setenv("COLUMNS", "many", 1);
    assert_int_equal(terminal_style_of(ends[1]).columns, 100);
    unsetenv("COLUMNS");
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_count_columns_and_not_bytes),
        cmocka_unit_test(fault_55_nothing_from_outside_can_move_the_cursor),
        cmocka_unit_test(what_is_too_long_ends_in_dots_at_the_column),
        cmocka_unit_test(colours_are_there_only_where_the_style_has_them),
        cmocka_unit_test(sentences_break_between_words_and_stay_behind_their_indent),
        cmocka_unit_test(a_piece_that_does_not_fit_is_left_out_with_all_after_it),
        cmocka_unit_test(
            a_pipe_is_neither_live_nor_coloured_and_takes_its_width_from_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

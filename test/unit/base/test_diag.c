#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/diag.h"
#include "torture.h"

static struct diag_list *new_list(const char *text)
{
    struct diag_list *list = NULL;

    assert_int_equal(diag_list_new(100, &list), 0);
    if (text)
        assert_int_equal(
            diag_list_add_source(list, "quickstart.yaml", text, strlen(text)), 0);
    return list;
}

static struct diag_place at(size_t line, size_t column, size_t width)
{
    return (struct diag_place){
        .file = "quickstart.yaml", .line = line, .column = column, .width = width};
}

/* Frees the list. */
static void assert_prints(struct diag_list *list, int colour, const char *expected)
{
    struct buf out = BUF_INIT(100000);

    assert_int_equal(diag_print(list, colour, &out), 0);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
    assert_null(diag_list_free(list));
}

static void an_error_shows_its_line_a_caret_and_a_hint(void **state)
{
    struct diag_list *list = new_list("users: 5\n\n    think_time: 5 apples\n");

    (void)state;
    assert_int_equal(diag_add(list, at(3, 17, 8), "write one such as 500ms, 5s or 2m",
                              "think_time: '%s' is not a duration", "5 apples"),
                     -EINVAL);
    assert_int_equal(diag_count(list), 1);
    assert_prints(
        list, 0,
        "quickstart.yaml:3:17: error: think_time: '5 apples' is not a duration\n"
        "    3 |     think_time: 5 apples\n"
        "      |                 ^~~~~~~~\n"
        "      = hint: write one such as 500ms, 5s or 2m\n"
        "1 error\n");
}

static void nothing_is_printed_where_nothing_is_wrong(void **state)
{
    (void)state;
    assert_prints(new_list("users: 5\n"), 0, "");
    assert_null(diag_list_free(NULL));
}

static void errors_come_in_the_order_of_their_places(void **state)
{
    struct diag_list *list = new_list("one\ntwo");

    (void)state;
    diag_add(list, at(2, 2, 0), NULL, "fourth");
    diag_add(list, at(1, 3, 0), NULL, "second");
    diag_add(list, at(2, 1, 0), NULL, "third, added first");
    diag_add(list, at(2, 1, 0), NULL, "third, added later");
    diag_add(list, (struct diag_place){.file = "a.yaml"}, NULL, "first");
    assert_prints(list, 0,
                  "a.yaml: error: first\n"
                  "quickstart.yaml:1:3: error: second\n"
                  "    1 | one\n"
                  "      |   ^\n"
                  "quickstart.yaml:2:1: error: third, added first\n"
                  "    2 | two\n"
                  "      | ^\n"
                  "quickstart.yaml:2:1: error: third, added later\n"
                  "    2 | two\n"
                  "      | ^\n"
                  "quickstart.yaml:2:2: error: fourth\n"
                  "    2 | two\n"
                  "      |  ^\n"
                  "5 errors\n");
}

static void a_caret_stands_under_its_character_behind_tabs_and_accents(void **state)
{
    struct diag_list *list = new_list("\ta\t\u00e9\u00e8:\tcaf\u00e9\r\n");

    (void)state;
    diag_add(list, at(1, 8, 4), NULL, "not tea");
    assert_prints(list, 0,
                  "quickstart.yaml:1:8: error: not tea\n"
                  "    1 | \ta\t\u00e9\u00e8:\tcaf\u00e9\n"
                  "      | \t \t   \t^~~~\n"
                  "1 error\n");
}

static void a_mark_ends_with_its_line(void **state)
{
    struct diag_list *list = new_list("text: |\n  more\n");

    (void)state;
    diag_add(list, at(1, 7, 14), NULL, "goes on below");
    diag_add(list, at(2, 9, 3), NULL, "behind the end");
    assert_prints(list, 0,
                  "quickstart.yaml:1:7: error: goes on below\n"
                  "    1 | text: |\n"
                  "      |       ^\n"
                  "quickstart.yaml:2:9: error: behind the end\n"
                  "    2 |   more\n"
                  "      |         ^\n"
                  "2 errors\n");
}

static void a_key_on_the_line_of_another_mistake_is_not_shown(void **state)
{
    struct diag_list *list = new_list("a: {api_key: sk-1, url: http://me:pw@h}\n"
                                      "b: {\"api_key\": 'sk-2', api_keys: x}\n"
                                      "api_key: ${NAME}\n"
                                      "api_key: {file: /k}\n"
                                      "api_key:\n");

    (void)state;
    for (size_t line = 1; line <= 5; line++)
        diag_add(list, at(line, 1, 1), NULL, "wrong");
    assert_prints(list, 0,
                  "quickstart.yaml:1:1: error: wrong\n"
                  "    1 | a: {api_key: ****, url: http://*****@h}\n"
                  "      | ^\n"
                  "quickstart.yaml:2:1: error: wrong\n"
                  "    2 | b: {\"api_key\": '****', api_keys: x}\n"
                  "      | ^\n"
                  "quickstart.yaml:3:1: error: wrong\n"
                  "    3 | api_key: ${NAME}\n"
                  "      | ^\n"
                  "quickstart.yaml:4:1: error: wrong\n"
                  "    4 | api_key: {file: /k}\n"
                  "      | ^\n"
                  "quickstart.yaml:5:1: error: wrong\n"
                  "    5 | api_key:\n"
                  "      | ^\n"
                  "5 errors\n");
}

static void a_place_may_lack_column_line_or_source(void **state)
{
    struct diag_list *list = new_list("one\n");

    (void)state;
    diag_add(list, at(0, 0, 0), NULL, "the file");
    diag_add(list, at(1, 0, 0), NULL, "the line");
    diag_add(list, at(2, 1, 1), NULL, "the empty line behind the last");
    diag_add(list, at(9, 1, 1), NULL, "no such line");
    diag_add(list, (struct diag_place){.file = "unread.yaml", .line = 1, .column = 2},
             "as above", "no such source");
    assert_prints(list, 0,
                  "quickstart.yaml: error: the file\n"
                  "quickstart.yaml:1: error: the line\n"
                  "    1 | one\n"
                  "quickstart.yaml:2:1: error: the empty line behind the last\n"
                  "    2 | \n"
                  "      | ^\n"
                  "quickstart.yaml:9:1: error: no such line\n"
                  "unread.yaml:1:2: error: no such source\n"
                  "      = hint: as above\n"
                  "5 errors\n");
}

static void what_a_file_holds_cannot_command_the_terminal(void **state)
{
    struct diag_list *list = new_list("key: \x1B[2J\xFF\n");

    (void)state;
    diag_add(list, at(1, 6, 1), "drop '\x1B'", "'\x1B[2J\n' is no key");
    assert_prints(list, 0,
                  "quickstart.yaml:1:6: error: '\uFFFD[2J ' is no key\n"
                  "    1 | key: \uFFFD[2J\uFFFD\n"
                  "      |      ^\n"
                  "      = hint: drop '\uFFFD'\n"
                  "1 error\n");
}

static void colours_mark_the_error_and_the_caret(void **state)
{
    struct diag_list *list = new_list("one\n");

    (void)state;
    diag_add(list, at(1, 1, 3), NULL, "not two");
    assert_prints(
        list, 1,
        "\x1b[1mquickstart.yaml:1:1: \x1b[1;31merror:\x1b[0m\x1b[1m not two\x1b[0m\n"
        "    1 | one\n"
        "      | \x1b[1;32m^~~\x1b[0m\n"
        "1 error\n");
}

static void past_the_limit_errors_are_only_counted(void **state)
{
    struct diag_list *list = NULL;

    (void)state;
    assert_int_equal(diag_list_new(1, &list), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(diag_add(list, at(1, 1, 1), NULL, "number %d", i), -EINVAL);
    assert_int_equal(diag_count(list), 3);
    assert_prints(list, 0,
                  "quickstart.yaml:1:1: error: number 0\n"
                  "\u2026 and 2 more\n"
                  "3 errors\n");
}

static void the_same_sentence_at_the_same_place_is_told_once(void **state)
{
    struct diag_list *list = new_list("one\n");

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(diag_add(list, at(1, 1, 3), NULL, "not two"), -EINVAL);
    diag_add(list, at(1, 2, 2), NULL, "not two");
    assert_int_equal(diag_count(list), 2);
    diag_list_free(list);
}

static void a_long_sentence_is_cut_at_a_character(void **state)
{
    struct diag_list *list = new_list(NULL);
    struct buf out = BUF_INIT(100000);
    char value[2001];

    (void)state;
    for (size_t i = 0; i + 1 < sizeof(value); i += 2)
        memcpy(value + i, "\u00e9", 3);
    diag_add(list, at(0, 0, 0), NULL, "'%s' is no number", value);
    diag_add(list, at(0, 0, 0), NULL, "this '%s' is no number", value);
    diag_add(list, at(0, 0, 0), NULL, "also '%s' is no number", value);
    assert_int_equal(diag_print(list, 0, &out), 0);
    assert_null(strstr(buf_str(&out), "\uFFFD"));
    assert_non_null(
        strstr(buf_str(&out), "\u00e9\u2026\nquickstart.yaml: error: this '"));
    assert_true(out.len > 3000 && out.len < 3200);
    buf_deinit(&out);
    diag_list_free(list);
}

static int collect_and_print(void)
{
    struct buf out = BUF_INIT(1000);
    struct diag_list *list = NULL;
    int r = diag_list_new(10, &list);

    if (r == 0)
        r = diag_list_add_source(list, "quickstart.yaml", "one\n", 4);
    if (r == 0)
        r = diag_add(list, at(1, 1, 1), "two", "not two");
    if (r == -EINVAL)
        r = diag_print(list, 0, &out);
    buf_deinit(&out);
    diag_list_free(list);
    return r;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    /*
     * List; sources, name, text; diags, name, message, hint; out, the line without its keys, and out
     * grown once.
     */
    assert_int_equal(torture(collect_and_print, -ENOMEM), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_shows_its_line_a_caret_and_a_hint),
        cmocka_unit_test(nothing_is_printed_where_nothing_is_wrong),
        cmocka_unit_test(errors_come_in_the_order_of_their_places),
        cmocka_unit_test(a_caret_stands_under_its_character_behind_tabs_and_accents),
        cmocka_unit_test(a_mark_ends_with_its_line),
        cmocka_unit_test(a_key_on_the_line_of_another_mistake_is_not_shown),
        cmocka_unit_test(a_place_may_lack_column_line_or_source),
        cmocka_unit_test(what_a_file_holds_cannot_command_the_terminal),
        cmocka_unit_test(colours_mark_the_error_and_the_caret),
        cmocka_unit_test(past_the_limit_errors_are_only_counted),
        cmocka_unit_test(the_same_sentence_at_the_same_place_is_told_once),
        cmocka_unit_test(a_long_sentence_is_cut_at_a_character),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

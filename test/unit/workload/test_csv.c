#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "workload/csv.h"

/* What was read: "LINE:field|field;", or "LINE!what is wrong;". */
static void read_all(const char *text, size_t len, struct buf *out)
{
    struct csv csv = csv_begin(text, len);

    buf_clear(out);
    while (csv_next(&csv)) {
        struct csv_field field = {0};

        buf_printf(out, "%d:", (int)csv.line);
        while (!field.is_last) {
            const char *problem = csv_read(&csv, &field);

            if (problem) {
                buf_printf(out, "!%.12s", problem);
                csv_skip(&csv);
                break;
            }
            buf_append(out, field.bytes, field.len);
            buf_append_str(out, field.is_last ? "" : field.doubled ? "=|" : "|");
        }
        buf_append_char(out, ';');
    }
}

static void expect(const char *text, const char *read)
{
    struct buf out = BUF_INIT(4096);

    read_all(text, strlen(text), &out);
    assert_string_equal(buf_str(&out), read);
    buf_deinit(&out);
}

static void records_end_in_any_line_end_and_the_last_one_needs_none(void **state)
{
    (void)state;
    expect("a,b\r\nc,d\n1,2\r3,4", "1:a|b;2:c|d;3:1|2;4:3|4;");
    expect("a,b\r\n", "1:a|b;");
    expect("", "");
}

static void blank_lines_are_no_records_and_count_as_lines(void **state)
{
    (void)state;
    expect("\n\na\r\n\r\nb\n\n", "3:a;5:b;");
}

static void fields_may_be_empty(void **state)
{
    (void)state;
    expect(",\n,,x\n\"\",\n", "1:|;2:||x;3:|;");
}

static void quotes_hold_commas_line_breaks_and_quotes(void **state)
{
    (void)state;
    expect("\"a,b\",c\n\"x\r\ny\",\"z\n\"\nlast\n", "1:a,b|c;2:x\r\ny|z\n;5:last;");
    expect("\"say \"\"hi\"\"\",x\n", "1:say \"\"hi\"\"=|x;");
    expect("\"\"\"\",x\n", "1:\"\"=|x;");
}

static void what_is_wrong_is_told_and_the_next_line_is_read(void **state)
{
    (void)state;
    expect("a,b\"c,d\ne\n", "1:a|!a quote with;2:e;");
    expect("\"a\"b,c\ne\n", "1:!text behind ;2:e;");
    expect("x,\"open\ny,z\nw\n", "1:x|!a quote that;2:y|z;3:w;");
}

/* Wherever a text is cut off, reading ends, and no byte behind the cut is looked at. */
static void any_beginning_of_a_text_is_read_to_its_end(void **state)
{
    static const char text[] = "a,\"b\"\"\r\n,c\",d\r\n\"e\"f,\"g\n";
    struct buf out = BUF_INIT(4096);

    (void)state;
    for (size_t len = 0; len < sizeof(text); len++) {
        struct buf part = BUF_INIT(sizeof(text));

        buf_append(&part, text, len);
        read_all(buf_str(&part), len, &out);
        assert_int_equal(buf_error(&out), 0);
        buf_deinit(&part);
    }
    buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_end_in_any_line_end_and_the_last_one_needs_none),
        cmocka_unit_test(blank_lines_are_no_records_and_count_as_lines),
        cmocka_unit_test(fields_may_be_empty),
        cmocka_unit_test(quotes_hold_commas_line_breaks_and_quotes),
        cmocka_unit_test(what_is_wrong_is_told_and_the_next_line_is_read),
        cmocka_unit_test(any_beginning_of_a_text_is_read_to_its_end),
    };

    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}

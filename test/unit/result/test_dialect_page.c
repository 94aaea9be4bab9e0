/*
 * The tables in doc/dialects.md are those of the program.
 *
 *   test_result_dialect_page FILE            compares
 *   test_result_dialect_page FILE --update   writes them there
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "result/dialect.h"

#define BEGIN "<!-- dialects: written by test_result_dialect_page --update -->\n"
#define END "<!-- end of dialects -->\n"
#define PAGE_BYTES_MAX ((size_t)1 << 20)

struct page {
    const char *path;
    bool update;
};

static void read_page(const char *path, struct buf *out)
{
    char bytes[4096];
    size_t len;
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buf_append(out, bytes, len);
    assert_int_equal(fclose(file), 0);
}

static void the_tables_are_those_of_the_program(void **state)
{
    const struct page *page = *state;
    struct buf written = BUF_INIT(PAGE_BYTES_MAX);
    struct buf wanted = BUF_INIT(PAGE_BYTES_MAX);
    const char *begin;
    const char *end;

    read_page(page->path, &written);
    begin = strstr(buf_str(&written), BEGIN);
    assert_non_null(begin);
    end = strstr(begin, END);
    assert_non_null(end);
    buf_append(&wanted, buf_str(&written), (size_t)(begin - buf_str(&written)));
    buf_append_str(&wanted, BEGIN);
    assert_int_equal(dialect_reference(&wanted), 0);
    buf_append_str(&wanted, end);
    if (page->update) {
        FILE *file = fopen(page->path, "we");

        assert_non_null(file);
        assert_true(fputs(buf_str(&wanted), file) >= 0);
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(buf_str(&written), buf_str(&wanted)) != 0) {
        fail_msg("%s is out of date; run test_result_dialect_page with it and --update",
                 page->path);
    }
    buf_deinit(&written);
    buf_deinit(&wanted);
}

static void each_dialect_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; dialect_at(i); i++)
        assert_ptr_equal(dialect_find(dialect_name(dialect_at(i))), dialect_at(i));
    assert_null(dialect_find("wrk"));
}

int main(int argc, char **argv)
{
    struct page page = {argc > 1 ? argv[1] : "", argc > 2};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_tables_are_those_of_the_program, &page),
        cmocka_unit_test(each_dialect_is_found_by_its_name),
    };

    return cmocka_run_group_tests_name("dialect_page", tests, NULL, NULL);
}

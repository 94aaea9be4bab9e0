/*
 * The options in doc/simulator.md are those of the simulator's table.
 *
 *   test_simulator_page FILE            compares
 *   test_simulator_page FILE --update   writes them there
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "simulator/options.h"

#define BEGIN "<!-- options: written by test_simulator_page --update -->\n"
#define END "<!-- end of options -->\n"
#define PAGE_BYTES_MAX (1024 * 1024)

struct page {
    const char *path;
    bool update;
};

/* A cell; a bar within it would end it. */
static void append_cell(struct buf *out, const char *text, const char *quote)
{
    buf_printf(out, "| %s", quote);
    for (; *text; text++)
        if (*text == '|')
            buf_append_str(out, "\\|");
        else
            buf_append_char(out, *text);
    buf_printf(out, "%s ", quote);
}

static void append_option(struct buf *out, const struct simulator_option *option)
{
    append_cell(out, option->key, "`");
    append_cell(out, option->value, "");
    if (option->fallback[0] != '\0')
        append_cell(out, option->fallback, "`");
    else
        append_cell(out, "none", "");
    append_cell(out, option->help, "");
    buf_append_str(out, "|\n");
}

static void append_options(struct buf *out)
{
    buf_append_str(out, BEGIN "| option | value | default | |\n|---|---|---|---|\n");
    for (size_t i = 0; i < simulator_option_count; i++)
        append_option(out, &simulator_option_table[i]);
    buf_append_str(out, END);
}

static void read_page(const char *path, struct buf *out)
{
    char bytes[4096];
    size_t len;
    FILE *file = fopen(path, "re");

    assert_non_null(file);
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0)
        buf_append(out, bytes, len);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(buf_error(out), 0);
}

static void the_page_has_the_options_of_the_table(void **state)
{
    const struct page *page = *state;
    struct buf was = BUF_INIT(PAGE_BYTES_MAX);
    struct buf wanted = BUF_INIT(PAGE_BYTES_MAX);
    const char *begin;
    const char *end;

    read_page(page->path, &was);
    begin = strstr(buf_str(&was), BEGIN);
    end = strstr(buf_str(&was), END);
    assert_non_null(begin);
    assert_non_null(end);
    buf_append(&wanted, was.bytes, (size_t)(begin - was.bytes));
    append_options(&wanted);
    buf_append_str(&wanted, end + strlen(END));
    if (page->update) {
        FILE *file = fopen(page->path, "we");

        assert_non_null(file);
        assert_true(fputs(buf_str(&wanted), file) >= 0);
        assert_int_equal(fclose(file), 0);
    } else if (strcmp(buf_str(&was), buf_str(&wanted)) != 0) {
        fail_msg("%s is out of date; run test_simulator_page with it and --update",
                 page->path);
    }
    buf_deinit(&was);
    buf_deinit(&wanted);
}

int main(int argc, char **argv)
{
    struct page page = {argc > 1 ? argv[1] : "", argc > 2};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(the_page_has_the_options_of_the_table, &page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

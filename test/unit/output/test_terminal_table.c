#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "output/terminal_table.h"

static const struct table_column columns[] = {
    {.head = "Name", .left = true},
    {.head = "p50"},
    {.head = "count", .optional = true},
};

static void fill(struct terminal_table *table)
{
    table_init(table, columns, 3);
    table_cell_safe(table, "größer");
    table_cell_quantile(
        table, (struct histogram_quantile){.value_ns = 412000000, .known = true});
    table_cell_count(table, PAINT_PLAIN, 12345);
    table_cell_safe(table, "x");
    table_cell_quantile(table, (struct histogram_quantile){.value_ns = 30000000000,
                                                           .known = true,
                                                           .above = true});
    table_cell(table, PAINT_PLAIN, "%d", 7);
}

static void assert_written(int width, const char *expected)
{
    static struct terminal_table table;
    struct buf out = BUF_INIT(4096);

    fill(&table);
    table_write(&table, (struct terminal_style){.columns = width}, 2, &out);
    assert_string_equal(buf_str(&out), expected);
    buf_deinit(&out);
    table_deinit(&table);
}

static void names_stand_left_and_figures_right_whatever_their_bytes(void **state)
{
    (void)state;
    assert_written(80, "  Name         p50   count\n"
                       "  größer    412 ms  12,345\n"
                       "  x       > 30.0 s       7\n");
}

static void optional_columns_go_where_there_is_no_room(void **state)
{
    (void)state;
    assert_written(20, "  Name         p50\n"
                       "  größer    412 ms\n"
                       "  x       > 30.0 s\n");
}

static void a_column_that_means_nothing_is_skipped(void **state)
{
    static struct terminal_table table;
    struct buf out = BUF_INIT(4096);

    (void)state;
    fill(&table);
    table_skip(&table, 1);
    table_write(&table, (struct terminal_style){.columns = 80}, 2, &out);
    assert_string_equal(buf_str(&out), "  Name     count\n"
                                       "  größer  12,345\n"
                                       "  x            7\n");
    buf_deinit(&out);
    table_deinit(&table);
}

static void unknown_quantiles_are_a_dash(void **state)
{
    static struct terminal_table table;
    struct buf out = BUF_INIT(4096);

    (void)state;
    table_init(&table, columns, 3);
    table_cell_safe(&table, "x");
    table_cell_quantile(&table, (struct histogram_quantile){.value_ns = 5});
    table_cell_count(&table, PAINT_PLAIN, 1);
    table_write(&table, (struct terminal_style){.columns = 80}, 0, &out);
    assert_string_equal(buf_str(&out), "Name  p50  count\nx       –      1\n");
    buf_deinit(&out);
    table_deinit(&table);
}

static void rows_past_the_room_of_a_table_are_left_to_the_caller(void **state)
{
    static struct terminal_table table;

    (void)state;
    table_init(&table, columns, 3);
    for (size_t i = 0; i < TABLE_CELLS; i++)
        table_cell(&table, PAINT_PLAIN, "%zu", i);
    assert_false(table_has_room(&table));
    table_cell(&table, PAINT_PLAIN, "one more");
    assert_int_equal(table.cell_count, TABLE_CELLS);
    table_deinit(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_stand_left_and_figures_right_whatever_their_bytes),
        cmocka_unit_test(optional_columns_go_where_there_is_no_room),
        cmocka_unit_test(a_column_that_means_nothing_is_skipped),
        cmocka_unit_test(unknown_quantiles_are_a_dash),
        cmocka_unit_test(rows_past_the_room_of_a_table_are_left_to_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "output/terminal_table.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#include "base/quantity.h"

#define MAX_TEXT_BYTES ((size_t)64 * 1024)
#define MAX_NAME_COLUMNS 32
#define GAP 2 /* blanks between columns */

void table_init(struct terminal_table *table, const struct table_column *columns,
                size_t column_count)
{
    table->columns = columns;
    table->column_count = column_count;
    memset(table->skipped, 0, sizeof(table->skipped));
    table->cell_count = 0;
    table->text = BUF_INIT(MAX_TEXT_BYTES);
}

void table_deinit(struct terminal_table *table)
{
    buf_deinit(&table->text);
}

void table_skip(struct terminal_table *table, size_t column)
{
    assert(column < table->column_count);
    table->skipped[column] = true;
}

bool table_has_room(const struct terminal_table *table)
{
    return table->cell_count + table->column_count <= TABLE_CELLS;
}

/* Opens the next cell: what is appended to the text until close_cell() is in it. */
static bool open_cell(struct terminal_table *table, enum paint paint)
{
    if (table->cell_count == TABLE_CELLS || buf_error(&table->text) < 0)
        return false;
    table->starts[table->cell_count] = table->text.len;
    table->paints[table->cell_count] = paint;
    return true;
}

static void close_cell(struct terminal_table *table)
{
    if (buf_append_char(&table->text, '\0') == 0)
        table->cell_count++;
}

void table_cell(struct terminal_table *table, enum paint paint, const char *format, ...)
{
    va_list args;

    if (!open_cell(table, paint))
        return;
    va_start(args, format);
    buf_vprintf(&table->text, format, args);
    va_end(args);
    close_cell(table);
}

void table_cell_safe(struct terminal_table *table, const char *text)
{
    if (!open_cell(table, PAINT_PLAIN))
        return;
    terminal_put_safe(&table->text, text, MAX_NAME_COLUMNS);
    close_cell(table);
}

void table_cell_count(struct terminal_table *table, enum paint paint, uint64_t count)
{
    if (!open_cell(table, paint))
        return;
    quantity_format_count(&table->text, count);
    close_cell(table);
}

void table_cell_quantile(struct terminal_table *table, struct histogram_quantile quantile)
{
    if (!quantile.known) {
        table_cell(table, PAINT_FAINT, "–");
        return;
    }
    if (!open_cell(table, quantile.above ? PAINT_BAD : PAINT_PLAIN))
        return;
    if (quantile.above)
        buf_append_str(&table->text, "> ");
    quantity_format_latency(&table->text, quantile.value_ns);
    close_cell(table);
}

static const char *cell_text(const struct terminal_table *table, size_t cell)
{
    return buf_str(&table->text) + table->starts[cell];
}

struct layout {
    size_t widths[TABLE_COLUMNS];
    bool shown[TABLE_COLUMNS];
};

static size_t total_width(const struct terminal_table *table, const struct layout *layout)
{
    size_t total = 0;

    for (size_t column = 0; column < table->column_count; column++)
        if (layout->shown[column])
            total += layout->widths[column] + (total > 0 ? GAP : 0);
    return total;
}

/* The widths that the cells ask for, and the columns for which there is room. */
static struct layout lay_out(const struct terminal_table *table, size_t room)
{
    struct layout layout = {0};

    assert(table->column_count > 0);

    for (size_t column = 0; column < table->column_count; column++) {
        const size_t head = terminal_width(table->columns[column].head);
        const size_t least = table->columns[column].width;

        layout.shown[column] = !table->skipped[column];
        layout.widths[column] = head > least ? head : least;
    }
    for (size_t cell = 0; cell < table->cell_count; cell++) {
        const size_t column = cell % table->column_count;
        const size_t width = terminal_width(cell_text(table, cell));

        if (width > layout.widths[column])
            layout.widths[column] = width;
    }
    for (size_t column = table->column_count; column-- > 0;)
        if (table->columns[column].optional && total_width(table, &layout) > room)
            layout.shown[column] = false;
    return layout;
}

static void write_cell(const struct table_column *column, size_t width,
                       struct terminal_style style, enum paint paint, const char *text,
                       struct buf *out)
{
    const size_t taken = terminal_width(text);
    const size_t pad = width > taken ? width - taken : 0;

    if (!column->left)
        terminal_repeat(out, " ", pad);
    terminal_paint(out, style, paint, text);
    if (column->left)
        terminal_repeat(out, " ", pad);
}

/* One row from its first cell on; the heads where there is no cell. */
static void write_row(const struct terminal_table *table, const struct layout *layout,
                      struct terminal_style style, size_t indent,
                      const size_t *first_cell, struct buf *out)
{
    const size_t line = out->len;
    const char *between = "";

    terminal_repeat(out, " ", indent);
    for (size_t column = 0; column < table->column_count; column++) {
        if (!layout->shown[column])
            continue;
        buf_append_str(out, between);
        if (first_cell)
            write_cell(&table->columns[column], layout->widths[column], style,
                       table->paints[*first_cell + column],
                       cell_text(table, *first_cell + column), out);
        else
            write_cell(&table->columns[column], layout->widths[column], style,
                       PAINT_FAINT, table->columns[column].head, out);
        between = "  ";
    }
    while (out->len > line && out->bytes[out->len - 1] == ' ')
        out->bytes[--out->len] = '\0';
    buf_append_char(out, '\n');
}

void table_write(const struct terminal_table *table, struct terminal_style style,
                 size_t indent, struct buf *out)
{
    const size_t columns = (size_t)style.columns;
    const struct layout layout = lay_out(table, columns > indent ? columns - indent : 0);

    write_row(table, &layout, style, indent, NULL, out);
    for (size_t cell = 0; cell + table->column_count <= table->cell_count;
         cell += table->column_count)
        write_row(table, &layout, style, indent, &cell, out);
}

/* The tables of doc/dialects.md. */
#include "base/buf.h"
#include "result/dialect_table.h"

static void write_rows(const struct dialect *dialect, struct buf *out)
{
    buf_append_str(out,
                   "| figure | in throng | how it is defined | why throng's differs |\n"
                   "|---|---|---|---|\n");
    for (size_t i = 0; i < dialect->row_count; i++) {
        const struct dialect_row *row = &dialect->rows[i];
        const char *quote = row->metric ? "`" : "";

        buf_printf(out, "| `%s` (%s) | %s%s%s | %s | %s |\n", row->name, row->unit, quote,
                   row->metric ? row->metric : "–", quote, row->meaning,
                   row->why ? row->why : "");
    }
}

int dialect_reference(struct buf *out)
{
    const struct dialect *dialect = NULL;

    for (size_t i = 0; (dialect = dialect_at(i)) != NULL; i++) {
        buf_printf(out, "\n### %s\n\n%s. With `--format json` its form is %s.\n\n",
                   dialect->name, dialect->tool, dialect->file);
        write_rows(dialect, out);
    }
    return buf_error(out);
}

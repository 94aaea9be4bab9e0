#include "base/buf.h"
#include "result/history_schema.h"

/* In words that hold for both databases. */
static const char *type_of(enum history_type type)
{
    switch (type) {
    case HISTORY_TEXT:
        return "text";
    case HISTORY_COUNT:
        return "whole number";
    case HISTORY_NUMBER:
        return "number";
    case HISTORY_MOMENT:
        return "moment";
    }
    return NULL;
}

static void say_table(const struct history_table *table, struct buf *out)
{
    buf_printf(out, "### %s\n\n%s Key: %s.\n\n| column | type | what |\n|---|---|---|\n",
               table->name, table->help, table->key);
    for (size_t i = 0; i < table->column_count; i++)
        buf_printf(out, "| `%s` | %s | %s |\n", table->columns[i].name,
                   type_of(table->columns[i].type), table->columns[i].help);
    buf_append_char(out, '\n');
}

int history_schema_page(const struct history_schema *schema, struct buf *out)
{
    buf_append_str(out, "## Views\n\n| view | what |\n|---|---|\n");
    for (size_t i = 0; i < schema->view_count; i++)
        buf_printf(out, "| `%s` | %s |\n", schema->views[i].name, schema->views[i].help);
    buf_printf(out, "\n## Tables\n\nVersion %u of the schema.\n\n",
               (unsigned)schema->version);
    for (size_t i = 0; i < schema->table_count; i++)
        say_table(&schema->tables[i], out);
    buf_erase(out, out->len - 1, 1);
    return buf_error(out);
}

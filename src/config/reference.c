#include "base/buf.h"
#include "config/field.h"
#include "config/table_walk.h"

static void write_words(const struct field *field, struct buf *out)
{
    for (size_t i = 0; field->words[i]; i++)
        buf_printf(out, "%s`%s`", i == 0 ? "" : " or ", field->words[i]);
}

/* GitHub's anchor of a heading that is one word. */
static void write_link(const struct field_table *table, struct buf *out)
{
    buf_printf(out, "[%s](#%s)", table->name, table->name);
}

static void write_type(const struct field *field, struct buf *out)
{
    switch (field->type) {
    case FIELD_CHOICE:
        write_words(field, out);
        break;
    case FIELD_MAP:
        write_link(field->table, out);
        break;
    case FIELD_KEYED:
        buf_append_str(out, field->flags & FIELD_LISTS ? "names, each one or a list of "
                                                       : "names, each a ");
        write_link(field->table, out);
        if (field->flags & FIELD_SELF_NAMED)
            buf_append_str(out, "; or a list of texts, named by themselves");
        break;
    case FIELD_PARTS:
        buf_append_str(out, "names, each with some keys of ");
        write_link(field->table, out);
        buf_append_str(out, ", or a file of such");
        break;
    case FIELD_LIST:
        buf_append_str(out, "list of ");
        if (field->table)
            write_link(field->table, out);
        else
            buf_append_str(out, config_type_name(field->element));
        break;
    case FIELD_BOOL:
    case FIELD_COUNT:
    case FIELD_NUMBER:
    case FIELD_DURATION:
    case FIELD_SIZE:
    case FIELD_FRACTION:
    case FIELD_MONEY:
    case FIELD_RATE:
    case FIELD_SPEED:
    case FIELD_SECRET:
    case FIELD_PAIRS:
    case FIELD_REFUSED:
        buf_append_str(out, config_type_name(field->type));
        if (field->unit)
            buf_printf(out, " of %s", field->unit);
        if (field->flags & FIELD_LONE)
            buf_append_str(out, ", or a text");
        break;
    case FIELD_TEXT:
        if (field->words)
            write_words(field, out);
        buf_printf(out, "%s%s", field->words ? " " : "",
                   field->unit ? field->unit : config_type_name(field->type));
        break;
    case FIELD_NODE:
        buf_append_str(out, field->unit ? field->unit : config_type_name(field->type));
        break;
    }
}

static void write_range(const struct field *field, struct buf *out)
{
    if (field->min && field->max)
        buf_printf(out, ", %s to %s", field->min, field->max);
    else if (field->min)
        buf_printf(out, ", from %s", field->min);
    else if (field->max)
        buf_printf(out, ", up to %s", field->max);
}

static void write_default(const struct field *field, struct buf *out)
{
    if (field->flags & FIELD_REQUIRED)
        buf_append_str(out, "required");
    else if (field->preset)
        buf_printf(out, "`%s`", field->preset);
}

/* A bar would end the table's cell. */
static void write_cell(const char *text, struct buf *out)
{
    for (; *text; text++) {
        if (*text == '|')
            buf_append_char(out, '\\');
        buf_append_char(out, *text);
    }
}

static void write_row(const struct field *field, struct buf *out)
{
    buf_printf(out, "| %s`%s` | ", field->flags & FIELD_ALTERNATIVE ? "● " : "",
               field->key);
    write_type(field, out);
    write_range(field, out);
    buf_append_str(out, " | ");
    write_default(field, out);
    buf_append_str(out, " | ");
    write_cell(field->help, out);
    buf_append_str(out, " |\n");
}

static void write_table(const struct field_table *table, struct buf *out)
{
    const struct field *in_short = config_short_field(table);

    buf_printf(out, "\n## %s\n\n%s\n", table->name, table->help);
    if (table->alternatives)
        buf_printf(out,
                   "\nExactly one of the keys marked ● says its kind; the others "
                   "stand beside it.%s\n",
                   in_short ? ""
                            : " A kind\nwithout options can be written as a bare word.");
    if (in_short)
        buf_printf(out, "\nA %s in place of the map is its `%s`.\n",
                   in_short->type == FIELD_LIST ? "list" : "single value",
                   table->short_key);
    if (table->example)
        buf_printf(out, "\n```yaml\n%s```\n", table->example);
    buf_append_str(out, "\n| key | value | default | meaning |\n|---|---|---|---|\n");
    for (size_t i = 0; i < table->count; i++) {
        if (table->fields[i].type != FIELD_REFUSED)
            write_row(&table->fields[i], out);
    }
}

int config_write_reference(const struct field_table *root, struct buf *out)
{
    struct table_walk walk;

    table_walk_init(&walk, root);
    buf_append_str(out, "\nSections:");
    for (size_t i = 0; i < walk.count; i++) {
        buf_append_str(out, i == 0 ? "\n" : ",\n");
        write_link(walk.tables[i], out);
    }
    buf_append_str(out, ".\n");
    for (size_t i = 0; i < walk.count; i++)
        write_table(walk.tables[i], out);
    return buf_error(out);
}

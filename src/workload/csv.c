#include "workload/csv.h"

struct csv csv_begin(const char *text, size_t len)
{
    return (struct csv){.at = text, .end = text + len};
}

/* Takes a line end, where there is one. */
static bool take_break(struct csv *csv)
{
    if (csv->at == csv->end || (*csv->at != '\n' && *csv->at != '\r'))
        return false;
    csv->at += csv->end - csv->at > 1 && csv->at[0] == '\r' && csv->at[1] == '\n' ? 2 : 1;
    csv->breaks++;
    return true;
}

bool csv_next(struct csv *csv)
{
    while (take_break(csv))
        continue;
    csv->record = csv->at;
    csv->line = csv->breaks + 1;
    return csv->at < csv->end;
}

/* Takes the comma or the line end behind a field; false where neither is. */
static bool take_end(struct csv *csv, struct csv_field *field)
{
    if (csv->at < csv->end && *csv->at == ',') {
        csv->at++;
        field->is_last = false;
        return true;
    }
    field->is_last = true;
    return csv->at == csv->end || take_break(csv);
}

static const char *read_quoted(struct csv *csv, struct csv_field *field)
{
    field->bytes = ++csv->at;
    for (; csv->at < csv->end; csv->at++) {
        if (*csv->at == '\r' || *csv->at == '\n') {
            take_break(csv);
            csv->at--;
            continue;
        }
        if (*csv->at != '"')
            continue;
        if (csv->end - csv->at < 2 || csv->at[1] != '"')
            break;
        field->doubled = true;
        csv->at++;
    }
    if (csv->at == csv->end)
        return "a quote that is never closed";
    field->len = (size_t)(csv->at++ - field->bytes);
    return take_end(csv, field) ? NULL : "text behind the closing quote of a field";
}

static bool ends_plain(char c)
{
    return c == ',' || c == '\n' || c == '\r' || c == '"';
}

const char *csv_read(struct csv *csv, struct csv_field *ret_field)
{
    *ret_field = (struct csv_field){.bytes = csv->at};
    if (csv->at < csv->end && *csv->at == '"')
        return read_quoted(csv, ret_field);
    while (csv->at < csv->end && !ends_plain(*csv->at))
        csv->at++;
    ret_field->len = (size_t)(csv->at - ret_field->bytes);
    return take_end(csv, ret_field)
               ? NULL
               : "a quote within a field that does not begin with one";
}

void csv_skip(struct csv *csv)
{
    /* From its first line on: a quote that is never closed went to the end of the text. */
    csv->at = csv->record;
    csv->breaks = csv->line - 1;
    while (csv->at < csv->end && *csv->at != '\r' && *csv->at != '\n')
        csv->at++;
    take_break(csv);
}

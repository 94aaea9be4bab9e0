#include "config/table_walk.h"

#include <assert.h>

#include "config/scalar.h"

static bool is_known(const struct table_walk *walk, const struct field_table *table)
{
    for (size_t i = 0; i < walk->count; i++) {
        if (walk->tables[i] == table)
            return true;
    }
    return false;
}

void table_walk_init(struct table_walk *walk, const struct field_table *root)
{
    walk->tables[0] = root;
    walk->count = 1;
    for (size_t at = 0; at < walk->count; at++) {
        const struct field_table *table = walk->tables[at];

        for (size_t i = 0; i < table->count; i++) {
            const struct field_table *below = table->fields[i].table;

            if (!below || is_known(walk, below))
                continue;
            assert(walk->count < TABLE_WALK_MAX);
            walk->tables[walk->count++] = below;
        }
    }
}

static bool text_is_sound(const struct field *field, const char *text)
{
    struct scalar scalar;
    const enum field_type type = field->type == FIELD_LIST ? field->element : field->type;

    return !text ||
           (scalar_is_type(type) && scalar_parse(type, field->words, text, &scalar) == 0);
}

static bool field_is_sound(const struct field_table *table, const struct field *field)
{
    const bool nests = field->type == FIELD_MAP || field->type == FIELD_KEYED ||
                       field->type == FIELD_PARTS;

    return field->help && (!nests || field->table) &&
           (field->type == FIELD_REFUSED || field->offset < table->size) &&
           (field->type != FIELD_CHOICE || field->words) &&
           text_is_sound(field, field->min) && text_is_sound(field, field->max) &&
           text_is_sound(field, field->preset);
}

bool config_table_is_sound(const struct field_table *table)
{
    struct table_walk walk;

    table_walk_init(&walk, table);
    for (size_t at = 0; at < walk.count; at++) {
        if (walk.tables[at]->short_key && !config_short_field(walk.tables[at]))
            return false;
        for (size_t i = 0; i < walk.tables[at]->count; i++) {
            if (!field_is_sound(walk.tables[at], &walk.tables[at]->fields[i]))
                return false;
        }
    }
    return true;
}

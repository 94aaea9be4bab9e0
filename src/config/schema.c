#include <errno.h>
#include <string.h>

#include <jansson.h>

#include "base/buf.h"
#include "config/field.h"
#include "config/keys.h"
#include "config/scalar.h"
#include "config/table_walk.h"

/*
 * What a text must look like to be of a type. Editors check what people type with it; the loader
 * itself is stricter (order of units, range).
 */
static const char *pattern_of(enum field_type type)
{
    switch (type) {
    case FIELD_COUNT:
        return "^([0-9]+(_[0-9]+)*)$";
    case FIELD_NUMBER:
        return "^-?[0-9]+([.][0-9]+)?$";
    case FIELD_DURATION:
        return "^(0|([0-9]+([.][0-9]+)?(ns|us|µs|ms|s|m|h|d))+)$";
    case FIELD_SIZE:
        return "^[0-9]+([.][0-9]+)? ?([KMGT]i?B|B)?$";
    case FIELD_FRACTION:
        return "^[0-9]+([.][0-9]+)? ?%?$";
    case FIELD_MONEY:
        return "^[$]?[0-9]+([.][0-9]+)?( ?USD)?$";
    case FIELD_RATE:
        return "^[0-9]+([.][0-9]+)?/(s|m|h)$";
    case FIELD_SPEED:
        return "^[0-9]+([.][0-9]+)? ?([KMGT]i?B|B)?/s$";
    case FIELD_BOOL:
    case FIELD_TEXT:
    case FIELD_SECRET:
    case FIELD_CHOICE:
    case FIELD_MAP:
    case FIELD_LIST:
    case FIELD_KEYED:
    case FIELD_PAIRS:
    case FIELD_NODE:
    case FIELD_PARTS:
    case FIELD_REFUSED:
        break;
    }
    return NULL;
}

/* Any value may be left to the environment. */
static json_t *from_environment(void)
{
    return json_pack("{s:s}", "$ref", "#/$defs/environment");
}

static void set_number(json_t *schema, const char *key, const struct field *field,
                       const char *text)
{
    struct scalar scalar;

    if (!text || scalar_parse(field->type, field->words, text, &scalar) < 0)
        return;
    if (field->type == FIELD_COUNT)
        json_object_set_new(schema, key, json_integer((json_int_t)scalar.whole));
    else
        json_object_set_new(schema, key, json_real(scalar.number));
}

static json_t *schema_of_number(const struct field *field, enum field_type type)
{
    json_t *number =
        json_pack("{s:s}", "type", type == FIELD_COUNT ? "integer" : "number");

    if (type == FIELD_COUNT)
        json_object_set_new(number, "minimum", json_integer(0));
    if (field->type == type) {
        set_number(number, "minimum", field, field->min);
        set_number(number, "maximum", field, field->max);
    }
    return json_pack("{s:[o,{s:s,s:s},o]}", "anyOf", number, "type", "string", "pattern",
                     pattern_of(type), from_environment());
}

static json_t *schema_of_choice(const struct field *field)
{
    json_t *words = json_array();

    for (size_t i = 0; field->words[i]; i++)
        json_array_append_new(words, json_string(field->words[i]));
    return json_pack("{s:[{s:o},o]}", "anyOf", "enum", words, from_environment());
}

static json_t *schema_of_scalar(const struct field *field, enum field_type type)
{
    switch (type) {
    case FIELD_BOOL:
        return json_pack("{s:[{s:s},o]}", "anyOf", "type", "boolean", from_environment());
    case FIELD_COUNT:
    case FIELD_NUMBER:
    case FIELD_FRACTION:
    case FIELD_MONEY:
        return schema_of_number(field, type);
    case FIELD_DURATION:
        return json_pack("{s:[{s:i},{s:s,s:s},o]}", "anyOf", "const", 0, "type", "string",
                         "pattern", pattern_of(type), from_environment());
    case FIELD_SIZE:
        return json_pack("{s:[{s:s,s:i},{s:s,s:s},o]}", "anyOf", "type", "integer",
                         "minimum", 0, "type", "string", "pattern", pattern_of(type),
                         from_environment());
    case FIELD_RATE:
    case FIELD_SPEED:
        return json_pack("{s:[{s:s,s:s},o]}", "anyOf", "type", "string", "pattern",
                         pattern_of(type), from_environment());
    case FIELD_TEXT:
        return json_pack("{s:[s,s,s]}", "type", "string", "number", "boolean");
    case FIELD_SECRET:
        return json_pack("{s:[{s:s},{s:s,s:[s],s:{s:{s:s}},s:b}]}", "anyOf", "type",
                         "string", "type", "object", "required", "file", "properties",
                         "file", "type", "string", "additionalProperties", 0);
    case FIELD_CHOICE:
        return schema_of_choice(field);
    case FIELD_MAP:
    case FIELD_LIST:
    case FIELD_KEYED:
    case FIELD_PAIRS:
    case FIELD_NODE:
    case FIELD_PARTS:
    case FIELD_REFUSED:
        break;
    }
    return json_object();
}

static json_t *reference_to(const struct field_table *table)
{
    return json_pack("{s:s+}", "$ref", "#/$defs/", table->name);
}

static json_t *schema_of_list(const struct field *field)
{
    json_t *item;

    if (field->table)
        return json_pack("{s:s,s:o}", "type", "array", "items",
                         reference_to(field->table));
    item = schema_of_scalar(field, field->element);
    return json_pack("{s:[O,{s:s,s:o}]}", "anyOf", item, "type", "array", "items", item);
}

/* What a name of FIELD_KEYED stands for. */
static json_t *schema_of_named(const struct field *field)
{
    if (!(field->flags & FIELD_LISTS))
        return reference_to(field->table);
    return json_pack("{s:[o,{s:s,s:o}]}", "anyOf", reference_to(field->table), "type",
                     "array", "items", reference_to(field->table));
}

/* A map from names to `table`, or a list of names that speak for themselves. */
static json_t *schema_of_keyed(const struct field *field)
{
    json_t *map = json_pack("{s:s,s:o}", "type", "object", "additionalProperties",
                            schema_of_named(field));

    if (!(field->flags & FIELD_SELF_NAMED))
        return map;
    return json_pack("{s:[o,{s:s,s:{s:s}}]}", "anyOf", map, "type", "array", "items",
                     "type", "string");
}

static json_t *schema_of_pairs(const struct field *field)
{
    json_t *map =
        json_pack("{s:s,s:{s:[s,s,s]}}", "type", "object", "additionalProperties", "type",
                  "string", "number", "boolean");

    if (!(field->flags & FIELD_LONE))
        return map;
    return json_pack("{s:[o,{s:s}]}", "anyOf", map, "type", "string");
}

/* The keys alone: what stands under them is checked by the loader. */
static json_t *schema_of_parts(const struct field *field)
{
    json_t *keys = json_array();

    for (size_t i = 0; i < field->table->count; i++)
        json_array_append_new(keys, json_string(field->table->fields[i].key));
    return json_pack("{s:s,s:{s:[{s:s},{s:s,s:{s:o}}]}}", "type", "object",
                     "additionalProperties", "anyOf", "type", "string", "type", "object",
                     "propertyNames", "enum", keys);
}

static json_t *schema_of_field(const struct field *field)
{
    switch (field->type) {
    case FIELD_MAP:
        return reference_to(field->table);
    case FIELD_LIST:
        return schema_of_list(field);
    case FIELD_KEYED:
        return schema_of_keyed(field);
    case FIELD_PAIRS:
        return schema_of_pairs(field);
    case FIELD_PARTS:
        return schema_of_parts(field);
    case FIELD_NODE:
    case FIELD_REFUSED:
        return json_object();
    case FIELD_BOOL:
    case FIELD_COUNT:
    case FIELD_NUMBER:
    case FIELD_DURATION:
    case FIELD_SIZE:
    case FIELD_FRACTION:
    case FIELD_MONEY:
    case FIELD_RATE:
    case FIELD_SPEED:
    case FIELD_TEXT:
    case FIELD_SECRET:
    case FIELD_CHOICE:
        break;
    }
    if (field->flags & FIELD_BARE)
        return json_pack("{s:[o,{s:s}]}", "anyOf", schema_of_scalar(field, field->type),
                         "type", "null");
    return schema_of_scalar(field, field->type);
}

/* The keys of a map: what may be there, what must be. */
static json_t *schema_of_map(const struct field_table *table)
{
    json_t *properties = json_object();
    json_t *required = json_array();
    json_t *one_of = json_array();
    json_t *map;

    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        json_t *schema = schema_of_field(field);

        if (field->type == FIELD_REFUSED) {
            json_decref(schema);
            continue;
        }
        json_object_set_new(schema, "description", json_string(field->help));
        if (field->preset)
            json_object_set_new(schema, "default", json_string(field->preset));
        json_object_set_new(properties, field->key, schema);
        if (field->flags & FIELD_REQUIRED)
            json_array_append_new(required, json_string(field->key));
        if (field->flags & FIELD_ALTERNATIVE)
            json_array_append_new(one_of, json_pack("{s:[s]}", "required", field->key));
    }
    map = json_pack("{s:s,s:o,s:b}", "type", "object", "properties", properties,
                    "additionalProperties", 0);
    /* What is missing may stand in a file that this one includes. */
    if (json_object_get(properties, "include"))
        json_object_set_new(
            map, "anyOf",
            json_pack("[{s:o},{s:[s]}]", "required", required, "required", "include"));
    else
        json_object_set_new(map, "required", required);
    if (json_array_size(one_of) > 0)
        json_object_set(map, "oneOf", one_of);
    json_decref(one_of);
    return map;
}

static json_t *schema_of_bare_words(const struct field_table *table)
{
    json_t *words = json_array();

    for (size_t i = 0; i < table->count; i++) {
        if (keys_is_bare(&table->fields[i]))
            json_array_append_new(words, json_string(table->fields[i].key));
    }
    return json_pack("{s:o}", "enum", words);
}

/* A map, or what may stand in its place. */
static json_t *schema_of_table(const struct field_table *table)
{
    const struct field *in_short = config_short_field(table);
    json_t *forms = json_pack("[o]", schema_of_map(table));

    if (in_short)
        json_array_append_new(forms, schema_of_field(in_short));
    if (table->alternatives && !in_short)
        json_array_append_new(forms, schema_of_bare_words(table));
    else if (!table->alternatives)
        json_array_append_new(forms, json_pack("{s:s}", "type", "null"));
    return json_pack("{s:s,s:o}", "description", table->help, "anyOf", forms);
}

static json_t *definitions(const struct field_table *root)
{
    json_t *all = json_pack("{s:{s:s,s:s,s:s}}", "environment", "type", "string",
                            "pattern", "[$][{][A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?[}]",
                            "description", "filled in from an environment variable");
    struct table_walk walk;

    table_walk_init(&walk, root);
    for (size_t i = 0; i < walk.count; i++)
        json_object_set_new(all, walk.tables[i]->name, schema_of_table(walk.tables[i]));
    return all;
}

static int append(const char *bytes, size_t len, void *out)
{
    return buf_append(out, bytes, len);
}

/* jansson hands NULL on where memory is out, and json_dump_callback refuses it in the end. */
int config_write_schema(const struct field_table *root, const char *title,
                        struct buf *out)
{
    json_t *schema = json_pack(
        "{s:s,s:s,s:s+,s:o}", "$schema", "https://json-schema.org/draft/2020-12/schema",
        "title", title, "$ref", "#/$defs/", root->name, "$defs", definitions(root));
    int r;

    if (!schema)
        return -ENOMEM;
    r = json_dump_callback(schema, append, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    json_decref(schema);
    buf_append_char(out, '\n');
    if (buf_error(out) < 0)
        return buf_error(out);
    return r < 0 ? -ENOMEM : 0;
}

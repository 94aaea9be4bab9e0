/*
 * Tables of fields: one row says a key's name, type, unit, range, default and help. The same table
 * checks a node and fills a struct from it, and writes the JSON Schema and the reference page, so
 * that those three cannot disagree.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/node.h"

struct buf;

/* The type of a value, and of the member that receives it. */
enum field_type {
    FIELD_BOOL,     /* bool: true or false */
    FIELD_COUNT,    /* uint64_t: a whole number from 0 */
    FIELD_NUMBER,   /* double */
    FIELD_DURATION, /* uint64_t: nanoseconds */
    FIELD_SIZE,     /* uint64_t: bytes */
    FIELD_FRACTION, /* double: 0.05 or 5% */
    FIELD_MONEY,    /* int64_t: pico-dollars */
    FIELD_RATE,     /* double: per second */
    FIELD_SPEED,    /* uint64_t: bytes per second */
    FIELD_TEXT,     /* const char *: not empty */
    FIELD_SECRET,   /* const struct secret *: a text, or {file: path} */
    FIELD_CHOICE,   /* uint32_t: index into words */
    FIELD_MAP,      /* the struct of `table`, embedded */
    FIELD_LIST,     /* struct config_items: of `table`, or of scalars of type `element` */
    FIELD_KEYED, /* struct config_items: a map from names to `table`; form.key is the name */
    FIELD_PAIRS, /* const struct config_node *: a map from any key to scalars */
    FIELD_NODE,  /* const struct config_node *: anything; read by the one who knows */
    /*
     * const struct config_node *: a map from names to maps that have some keys of `table`, whatever it
     * requires; or to files of such, which were read with the tree (config/load.h).
     */
    FIELD_PARTS,
    FIELD_REFUSED, /* no member: a key that people try; help is the sentence that they get */
};

enum field_flag {
    FIELD_REQUIRED = 1 << 0,
    FIELD_ALTERNATIVE = 1 << 1, /* exactly one of a table's alternatives must be there */
    /* Of FIELD_KEYED: a name has one `table` or a list of them. The items are those of all names
       in a row, each with its name. */
    FIELD_LISTS = 1 << 2,
    /*
     * May hold keys: what came from the environment is never written out, and of FIELD_PAIRS only
     * values under public names and templates are (config/yaml_writer.h).
     */
    FIELD_GUARDED = 1 << 3,
    /* Of an alternative that is a scalar: it may have no value, or be a bare word; then its preset holds. */
    FIELD_BARE = 1 << 4,
    /* Of FIELD_PAIRS: a text in place of the map is a key alone; the member is that scalar. */
    FIELD_LONE = 1 << 5,
    /* Of FIELD_KEYED: a list of texts too, of which each is a name and its own form in short. */
    FIELD_SELF_NAMED = 1 << 6,
    /* Of FIELD_TEXT: a file's path, from the file that it stands in; written out absolute. */
    FIELD_PATH = 1 << 7,
    /*
     * Of FIELD_TEXT: a key, unless it is a template or a short word; of FIELD_NODE: what stands under a
     * key `secret` is one.
     */
    FIELD_KEY = 1 << 8,
};

/* A row. Texts are written as in a file: "500ms", "10%". */
struct field {
    const char *key;
    enum field_type type;
    size_t offset;    /* of the member in the table's struct */
    const char *help; /* one sentence, Markdown, no full stop at the end */
    const char *unit; /* what is counted: "users"; NULL: the type says it */
    const char *min;  /* NULL: the type's own */
    const char *max;
    const char *preset;              /* the default; NULL: none, the member is zero */
    const char *const *words;        /* of FIELD_CHOICE, NULL-terminated */
    const struct field_table *table; /* of FIELD_MAP, FIELD_LIST, FIELD_KEYED */
    enum field_type element;         /* of FIELD_LIST without a table: a scalar type */
    unsigned flags;                  /* of enum field_flag */
};

/* The fields of one kind of map. */
struct field_table {
    const char *name;    /* one word: heading of the reference, name in the schema */
    const char *help;    /* sentences, Markdown */
    const char *example; /* YAML, or NULL */
    const struct field *fields;
    size_t count;
    size_t size; /* of the struct that it fills, which begins with config_form */
    /* A scalar (of a list field: a list) in place of the map is this field; NULL: refused. */
    const char *short_key;
    /* What the alternatives are ("step"); without a short_key, a bare word is one of them without
       options. NULL: there are none. */
    const char *alternatives;
};

/* First member of each struct that a table fills: where it stands, for checks across fields. */
struct config_form {
    const struct config_node *node; /* NULL: not written at all */
    const struct config_node *key;  /* the name in a FIELD_KEYED, else NULL */
    /* One of its own keys is wrong: what seems to be missing may be what was meant by it. */
    bool faulty;
};

/* An array in the tree's memory: of the structs of a table, or of scalars. */
struct config_items {
    void *items;
    size_t count;
};

/*
 * Checks the node against the table and fills form, a zeroed struct of table->size bytes. Every
 * mistake is added to the list; members with mistakes keep their defaults. A value that is empty
 * because ${NAME:-} found nothing counts as if its key was not there.
 * Strings, arrays and secrets belong to the tree.
 * Returns 0; -EINVAL when there was a mistake; -ENOMEM.
 */
int config_fill(struct config_tree *tree, const struct config_node *node,
                const struct field_table *table, void *form,
                struct diag_list *reterr_diags);

/* The row that a scalar or a list in place of the map fills, or NULL. */
const struct field *config_short_field(const struct field_table *table);

/* The type as the reference names it: "duration". */
const char *config_type_name(enum field_type type);

/* Whether the table's own defaults and ranges can be read, its tables included: for tests. */
bool config_table_is_sound(const struct field_table *table);

/* Writes a JSON Schema (draft 2020-12) of the root table. title: of the schema. */
int config_write_schema(const struct field_table *root, const char *title,
                        struct buf *out);

/* Writes Markdown: a section per table, the root first, each once. */
int config_write_reference(const struct field_table *root, struct buf *out);

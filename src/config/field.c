#include "config/field.h"

#include <errno.h>

#include "config/keys.h"
#include "config/scalar.h"
#include "config/tree.h"

/* One filling of a struct and of those below it. */
struct filling {
    struct config_tree *tree;
    struct diag_list *diags;
    bool failed;  /* errors were added, and filling went on for more */
    bool partial; /* what is required may be somewhere else */
};

static int fill_table(struct filling *filling, const struct config_node *node,
                      const struct config_node *key, const struct field_table *table,
                      void *form);

static void *member_of(void *form, const struct field *field)
{
    return (char *)form + field->offset;
}

/* Notes an error that was added. Returns 0 or -ENOMEM. */
static int note(struct filling *filling, int error)
{
    if (error == -EINVAL)
        filling->failed = true;
    return error == -EINVAL ? 0 : error;
}

/* Presets of the table, and of the tables that are embedded in it. */
// NOLINTNEXTLINE(misc-no-recursion): tables are embedded in each other without cycles
static void set_presets(const struct field_table *table, void *form)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *field = &table->fields[i];
        struct scalar scalar;

        if (field->type == FIELD_MAP)
            set_presets(field->table, member_of(form, field));
        else if (field->preset &&
                 scalar_parse(field->type, field->words, field->preset, &scalar) == 0)
            scalar_store(&scalar, member_of(form, field));
    }
}

static int refuse_kind(struct filling *filling, const char *what,
                       const struct config_node *node, enum field_type wanted,
                       const char *hint)
{
    if (node->broken)
        return note(filling, -EINVAL);
    if (node->kind == CONFIG_NULL)
        return note(filling,
                    diag_add(filling->diags, node->place, hint, "%s has no value", what));
    return note(filling,
                diag_add(filling->diags, node->place, hint, "%s: %s where %s should be",
                         what, config_kind_name(node->kind), config_type_name(wanted)));
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the nodes are high, which is bounded
static int fill_list_of_tables(struct filling *filling, const struct field *field,
                               const struct config_node *node, struct config_items *items)
{
    char *forms = tree_alloc(filling->tree, node->count, field->table->size);

    if (!forms)
        return -ENOMEM;
    for (size_t i = 0; i < node->count; i++) {
        const int r = fill_table(filling, node->items[i], NULL, field->table,
                                 forms + i * field->table->size);

        if (r < 0)
            return r;
    }
    *items = (struct config_items){forms, node->count};
    return 0;
}

/* A list of scalars; one scalar is a list of one. */
static int fill_list_of_scalars(struct filling *filling, const struct field *field,
                                const struct config_node *node,
                                struct config_items *items)
{
    const bool alone = node->kind == CONFIG_SCALAR;
    const size_t count = alone ? 1 : node->count;
    const size_t size = scalar_size(field->element);
    char *values = tree_alloc(filling->tree, count, size);

    if (!values)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const int r = note(filling, scalar_fill(filling->tree, field, field->element,
                                                alone ? node : node->items[i],
                                                values + i * size, filling->diags));

        if (r < 0)
            return r;
    }
    *items = (struct config_items){values, count};
    return 0;
}

// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_list(struct filling *filling, const struct field *field,
                     const struct config_node *node, struct config_items *items)
{
    if (!field->table && node->kind == CONFIG_SCALAR)
        return fill_list_of_scalars(filling, field, node, items);
    if (node->kind != CONFIG_LIST)
        return refuse_kind(filling, field->key, node, FIELD_LIST,
                           "write '- item' lines, or [one, two]");
    if (field->table)
        return fill_list_of_tables(filling, field, node, items);
    return fill_list_of_scalars(filling, field, node, items);
}

static bool is_listed(const struct field *field, const struct config_node *value)
{
    return (field->flags & FIELD_LISTS) && value->kind == CONFIG_LIST;
}

static size_t forms_of(const struct field *field, const struct config_node *value)
{
    return is_listed(field, value) ? value->count : 1;
}

/* Texts that are names and values in one. */
// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_self_named(struct filling *filling, const struct field *field,
                           const struct config_node *node, struct config_items *items)
{
    char *forms = tree_alloc(filling->tree, node->count, field->table->size);
    int r = forms ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < node->count; i++) {
        const struct config_node *item = node->items[i];

        if (item->kind == CONFIG_SCALAR)
            r = fill_table(filling, item, item, field->table,
                           forms + i * field->table->size);
        else
            r = refuse_kind(filling, field->key, item, FIELD_TEXT, "write a text");
    }
    if (r == 0 && !filling->failed)
        *items = (struct config_items){forms, node->count};
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_keyed(struct filling *filling, const struct field *field,
                      const struct config_node *node, struct config_items *items)
{
    size_t count = 0;
    char *forms;

    if (node->kind == CONFIG_LIST && (field->flags & FIELD_SELF_NAMED))
        return fill_self_named(filling, field, node, items);
    if (node->kind != CONFIG_MAP)
        return refuse_kind(filling, field->key, node, FIELD_KEYED,
                           "write 'name:' lines with what belongs to each below");
    for (size_t i = 0; i < node->count; i++)
        count += forms_of(field, node->entries[i].value);
    forms = tree_alloc(filling->tree, count, field->table->size);
    if (!forms)
        return -ENOMEM;
    *items = (struct config_items){forms, count};
    for (size_t i = 0; i < node->count; i++) {
        const struct config_entry *entry = &node->entries[i];
        const bool listed = is_listed(field, entry->value);

        for (size_t j = 0; j < forms_of(field, entry->value); j++) {
            const int r =
                fill_table(filling, listed ? entry->value->items[j] : entry->value,
                           entry->key, field->table, forms);

            if (r < 0)
                return r;
            forms += field->table->size;
        }
    }
    return 0;
}

static int fill_pairs(struct filling *filling, const struct field *field,
                      const struct config_node *node, const struct config_node **member)
{
    int r = 0;

    if ((field->flags & FIELD_LONE) && node->kind == CONFIG_SCALAR && !node->broken) {
        *member = node;
        return 0;
    }
    if (node->kind != CONFIG_MAP)
        return refuse_kind(filling, field->key, node, FIELD_PAIRS,
                           "write 'key: text' lines");
    for (size_t i = 0; r == 0 && i < node->count; i++) {
        const struct config_entry *entry = &node->entries[i];

        if (entry->value->broken || entry->value->kind != CONFIG_SCALAR)
            r = refuse_kind(filling, entry->key->written, entry->value, FIELD_TEXT,
                            "write a text");
    }
    *member = node;
    return r;
}

/* Each part fills a form that nobody reads, for the sake of its mistakes. */
// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_parts(struct filling *filling, const struct field *field,
                      const struct config_node *node, const struct config_node **member)
{
    const bool was_partial = filling->partial;
    int r = 0;

    if (node->kind != CONFIG_MAP)
        return refuse_kind(filling, field->key, node, FIELD_PARTS,
                           "write 'name:' lines with what belongs to each below");
    filling->partial = true;
    for (size_t i = 0; r == 0 && i < node->count; i++) {
        void *form = tree_alloc(filling->tree, 1, field->table->size);

        if (node->entries[i].value->kind == CONFIG_SCALAR)
            continue; /* a file that could not be read, which was told */
        r = form ? fill_table(filling, node->entries[i].value, node->entries[i].key,
                              field->table, form)
                 : -ENOMEM;
    }
    filling->partial = was_partial;
    *member = node;
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_field(struct filling *filling, const struct field *field,
                      const struct config_node *node, void *form)
{
    void *member = member_of(form, field);

    switch (field->type) {
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
        return note(filling, scalar_fill(filling->tree, field, field->type, node, member,
                                         filling->diags));
    case FIELD_MAP:
        return fill_table(filling, node, NULL, field->table, member);
    case FIELD_LIST:
        return fill_list(filling, field, node, member);
    case FIELD_KEYED:
        return fill_keyed(filling, field, node, member);
    case FIELD_PAIRS:
        return fill_pairs(filling, field, node, (const struct config_node **)member);
    case FIELD_NODE:
        *(const struct config_node **)member = node;
        return 0;
    case FIELD_PARTS:
        return fill_parts(filling, field, node, (const struct config_node **)member);
    case FIELD_REFUSED:
        return note(filling, diag_add(filling->diags, node->place, NULL, "%s: %s",
                                      field->key, field->help));
    }
    return 0;
}

/* A field of this form; a scalar of it that is wrong makes the form faulty. */
// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_own(struct filling *filling, const struct field *field,
                    const struct config_node *node, void *form)
{
    struct config_form *head = form;
    const bool failed_before = filling->failed;
    int r;

    filling->failed = false;
    r = fill_field(filling, field, node, form);
    if (filling->failed && field->type <= FIELD_CHOICE)
        head->faulty = true;
    filling->failed |= failed_before;
    return r;
}

// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_map(struct filling *filling, const struct config_node *node,
                    const struct field_table *table, void *form)
{
    struct config_form *head = form;
    bool kind_wanted = false;
    int r = 0;

    if (table->alternatives && !filling->partial)
        r = note(filling,
                 keys_check_alternatives(table, node, filling->diags, &kind_wanted));
    for (size_t i = 0; r == 0 && i < node->count; i++) {
        const struct config_entry *entry = &node->entries[i];
        const struct field *field = keys_find(table, entry->key->text);

        if (!field) {
            head->faulty = true;
            r = note(filling,
                     keys_refuse_unknown(table, entry->key, kind_wanted, filling->diags));
        } else if (entry->value->kind == CONFIG_NULL && (field->flags & FIELD_BARE)) {
            continue; /* its preset stands there */
        } else if (!keys_is_blank(entry->value)) {
            r = fill_own(filling, field, entry->value, form);
        }
    }
    return r;
}

/* A bare word is an alternative without options. */
// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_bare_word(struct filling *filling, const struct config_node *node,
                          const struct field_table *table, void *form)
{
    const struct field *field = keys_find(table, node->text);
    struct config_entry *entry;
    struct config_node *nothing;
    struct config_form *head = form;

    if (!field || !(field->flags & FIELD_ALTERNATIVE))
        return note(filling, keys_refuse_unknown(table, node, true, filling->diags));
    entry = tree_alloc(filling->tree, 1, sizeof(*entry));
    nothing = tree_scalar(filling->tree, node->place, "");
    if (!entry || !nothing)
        return -ENOMEM;
    nothing->kind = CONFIG_NULL;
    *entry = (struct config_entry){node, nothing};
    head->node = tree_map(filling->tree, node->place, entry, 1);
    return head->node ? fill_map(filling, head->node, table, form) : -ENOMEM;
}

/* A scalar where the table's map could be. */
// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_short(struct filling *filling, const struct config_node *node,
                      const struct config_node *key, const struct field_table *table,
                      void *form)
{
    struct config_form *head = form;

    if (table->short_key) {
        const struct field *field = config_short_field(table);

        /* As in a map, where a blank value is a key that is not there. */
        if (keys_is_blank(node) && !(field->flags & FIELD_REQUIRED))
            return 0;
        return fill_own(filling, field, node, form);
    }
    if (table->alternatives)
        return fill_bare_word(filling, node, table, form);
    head->faulty = true;
    return refuse_kind(filling, key ? key->written : table->name, node, FIELD_MAP,
                       "write 'key: value' lines below it");
}

// NOLINTNEXTLINE(misc-no-recursion): as fill_list_of_tables
static int fill_table(struct filling *filling, const struct config_node *node,
                      const struct config_node *key, const struct field_table *table,
                      void *form)
{
    struct config_form *head = form;
    int r = 0;

    set_presets(table, form);
    *head = (struct config_form){node, key, node->broken};
    if (node->broken)
        return note(filling, -EINVAL);
    switch (node->kind) {
    case CONFIG_NULL:
        if (table->alternatives)
            return note(filling, keys_refuse_nothing(table, node, filling->diags));
        break;
    case CONFIG_SCALAR:
        return fill_short(filling, node, key, table, form);
    case CONFIG_LIST:
        if (table->short_key && config_short_field(table)->type == FIELD_LIST)
            return fill_own(filling, config_short_field(table), node, form);
        head->faulty = true;
        return refuse_kind(filling, key ? key->written : table->name, node, FIELD_MAP,
                           "write 'key: value' lines below it");
    case CONFIG_MAP:
        r = fill_map(filling, node, table, form);
        break;
    }
    if (r == 0 && !filling->partial)
        r = note(filling, keys_check_required(table, head, filling->diags));
    return r;
}

int config_fill(struct config_tree *tree, const struct config_node *node,
                const struct field_table *table, void *form,
                struct diag_list *reterr_diags)
{
    struct filling filling = {.tree = tree, .diags = reterr_diags};
    const int r = fill_table(&filling, node, NULL, table, form);

    if (r < 0)
        return r;
    return filling.failed ? -EINVAL : 0;
}

#include "scenario/making.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"
#include "base/suggest.h"
#include "scenario/text.h"

/* A path as it is opened. */
#define MAX_PATH_BYTES ((size_t)4096)

int making_noted(int r)
{
    return r == -EINVAL ? 0 : r;
}

int making_copy(struct making *making, const char *text, const char **ret_copy)
{
    if (!text) {
        *ret_copy = NULL;
        return 0;
    }
    *ret_copy = arena_copy(making->arena, text);
    return *ret_copy ? 0 : -ENOMEM;
}

void making_settle(struct making *making)
{
    struct plan *plan = making->plan;
    struct plan_step *steps = making->steps.items;
    const uint32_t *groups = making->step_groups.items;

    for (size_t i = 0; i < making->steps.count; i++)
        if (groups[i] != PLAN_NONE)
            steps[i].group = (const struct plan_group *)making->groups.items + groups[i];
    for (size_t i = 0; i < plan->feeder_count; i++) {
        making->feeders[i].columns = (const char *const *)making->columns[i].items;
        making->feeders[i].column_count = making->columns[i].count;
    }
    plan->programs = making->programs.items;
    plan->program_count = making->programs.count;
    plan->steps = steps;
    plan->step_count = making->steps.count;
    plan->groups = making->groups.items;
    plan->group_count = making->groups.count;
    plan->assignments = making->assignments.items;
    plan->assignment_count = making->assignments.count;
    plan->stops = making->stops.items;
    plan->stop_count = making->stops.count;
    plan->variables = making->variables.items;
    plan->variable_count = making->variables.count;
    plan->names = making->names.items;
    plan->name_count = making->names.count;
    plan->queries = (const char *const *)making->queries.items;
    plan->query_count = making->queries.count;
    plan->patterns = (const char *const *)making->patterns.items;
    plan->pattern_count = making->patterns.count;
}

void *making_array(struct making *making, size_t count, size_t size)
{
    return arena_alloc(making->arena, count > 0 ? count : 1, size);
}

const struct config_node *making_place(const struct config_form *form, const char *key)
{
    const struct config_node *value = config_find(form->node, key);

    if (value)
        return value;
    if (form->node->kind == CONFIG_SCALAR || !form->key)
        return form->node;
    return form->key;
}

bool making_has(const struct config_form *form, const char *key)
{
    return config_find(form->node, key) != NULL;
}

bool making_is_empty_list(const struct config_form *form, const char *key)
{
    const struct config_node *list = config_find(form->node, key);

    return list && list->kind == CONFIG_LIST && list->count == 0;
}

/* Pairs, of which the values are still to be made. */
static int make_keys(struct making *making, const struct config_node *map,
                     struct plan_pair **ret_pairs, size_t *ret_count)
{
    const size_t count = map && map->kind == CONFIG_MAP ? map->count : 0;
    struct plan_pair *pairs = making_array(making, count, sizeof(*pairs));
    int r = pairs ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = making_copy(making, map->entries[i].key->text, &pairs[i].key);
    *ret_pairs = pairs;
    *ret_count = count;
    return r;
}

int making_pairs(struct making *making, const struct config_node *map,
                 const struct plan_pair **ret_pairs, size_t *ret_count)
{
    struct plan_pair *pairs;
    size_t count;
    int r = make_keys(making, map, &pairs, &count);

    for (size_t i = 0; r == 0 && i < count; i++) {
        const char *value = map->entries[i].value->text;

        r = making_copy(making, value ? value : "", &pairs[i].value);
    }
    if (r < 0)
        return r;
    *ret_pairs = pairs;
    *ret_count = count;
    return 0;
}

int making_templates(struct making *making, const struct config_node *map,
                     const struct plan_pair **ret_pairs, size_t *ret_count)
{
    struct plan_pair *pairs;
    size_t count;
    int r = make_keys(making, map, &pairs, &count);

    for (size_t i = 0; r == 0 && i < count; i++)
        r = making_pair_value(making, map->entries[i].value, &pairs[i]);
    if (r < 0)
        return r;
    *ret_pairs = pairs;
    *ret_count = count;
    return 0;
}

int making_secret(struct making *making, const char *text,
                  const struct secret **ret_secret)
{
    struct secret *secret;
    int r;

    if (!text)
        return 0;
    r = secret_new(text, &secret);
    if (r < 0)
        return r;
    r = arena_own_secret(making->arena, secret);
    if (r < 0) {
        secret_free(secret);
        return r;
    }
    *ret_secret = secret;
    return 0;
}

bool making_is_header_name(const char *text)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (!isalnum((unsigned char)*text) && !strchr(marks, *text))
            return false;
    }
    return true;
}

/* A line break here would inject another header. */
static bool is_field_value(const char *text)
{
    for (; *text; text++) {
        if (iscntrl((unsigned char)*text) && *text != '\t')
            return false;
    }
    return true;
}

static int check_header(struct making *making, const struct config_entry *entry)
{
    if (!making_is_header_name(entry->key->text))
        return MAKING_REFUSE(making, entry->key,
                             "letters, digits and - are usual, as in X-Team",
                             "'%s' is not a header's name", entry->key->written);
    if (entry->value->kind == CONFIG_SCALAR && !is_field_value(entry->value->text))
        return MAKING_REFUSE(making, entry->value, "write one line of text",
                             "the header '%s' holds a line break or another control "
                             "character",
                             entry->key->written);
    return 0;
}

int making_headers(struct making *making, const struct config_node *map,
                   const struct plan_pair **ret_pairs, size_t *ret_count)
{
    int r = 0;

    for (size_t i = 0; r == 0 && map && i < map->count; i++)
        r = check_header(making, &map->entries[i]);
    if (r < 0)
        return r;
    return making_templates(making, map, ret_pairs, ret_count);
}

int making_refuse_name(struct making *making, const struct config_node *place,
                       const char *section, const char *const *names, size_t count)
{
    const char *meant = suggest_name(place->written, names, count);
    char hint[160];

    if (meant)
        (void)snprintf(hint, sizeof(hint), "did you mean '%.100s'?", meant);
    else
        (void)snprintf(hint, sizeof(hint), "add it to '%s'", section);
    return MAKING_REFUSE(making, place, hint, "there is no '%s' among the %s",
                         place->written, section);
}

int making_find_target(struct making *making, const struct config_form *form,
                       const char *key, const char *name, uint32_t *ret_index)
{
    const struct plan *plan = making->plan;
    const char *names[MAKING_MAX_NAMES];
    size_t count = 0;

    *ret_index = PLAN_NONE;
    if (!name)
        return 0;
    for (uint32_t i = 0; i < plan->target_count; i++) {
        if (strcmp(plan->targets[i].name, name) == 0) {
            *ret_index = i;
            return 0;
        }
        if (count < MAKING_MAX_NAMES)
            names[count++] = plan->targets[i].name;
    }
    return making_refuse_name(making, making_place(form, key), "targets", names, count);
}

int making_beside(struct making *making, const struct config_form *head, const char *key,
                  const char **ret_path)
{
    struct buf path = BUF_INIT(MAX_PATH_BYTES);
    const struct config_node *place = making_place(head, key);
    int r = config_beside(place, &path);

    if (r == -EMSGSIZE)
        r = MAKING_REFUSE(making, place, NULL, "a path of more than %zu bytes",
                          MAX_PATH_BYTES);
    else if (r == 0)
        r = making_copy(making, buf_str(&path), ret_path);
    buf_deinit(&path);
    return r;
}

#include "scenario/variable.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/suggest.h"
#include "scenario/making.h"
#include "scenario/step_walk.h"
#include "scenario/text.h"

/* More than any scenario holds, escaped. */
#define MAX_VALUE_BYTES ((size_t)1 << 24)

bool variable_find(const struct making *making, const char *name, uint32_t *ret_index)
{
    const struct plan_variable *all = making->variables.items;

    for (uint32_t i = 0; i < making->variables.count; i++) {
        if (strcmp(all[i].name, name) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

int variable_declare(struct making *making, const char *name, bool is_secret,
                     uint32_t *ret_index)
{
    struct plan_variable *variable;
    int r = 0;

    if (variable_find(making, name, ret_index)) {
        variable = (struct plan_variable *)making->variables.items + *ret_index;
    } else {
        *ret_index = (uint32_t)making->variables.count;
        variable = growing_add(&making->variables, making->arena, sizeof(*variable));
        r = variable ? making_copy(making, name, &variable->name) : -ENOMEM;
    }
    if (r == 0)
        variable->secret |= is_secret;
    return r;
}

/* The value of a map with that key alone, or NULL: {jq: …}. */
static const struct config_node *only(const struct config_node *node, const char *key)
{
    return node->kind == CONFIG_MAP && node->count == 1 ? config_find(node, key) : NULL;
}

static bool is_name(const char *text)
{
    if (!isalpha((unsigned char)*text) && *text != '_')
        return false;
    while (isalnum((unsigned char)*text) || *text == '_')
        text++;
    return *text == '\0';
}

/* Names are what jq and templates can write behind a dot. */
static int declare_named(struct making *making, const struct config_node *key,
                         bool is_secret)
{
    uint32_t index;

    if (!is_name(key->text))
        return MAKING_REFUSE(making, key, "use letters, digits and _, as in page_size",
                             "'%s' cannot be the name of a variable", key->written);
    return variable_declare(making, key->text, is_secret, &index);
}

/* The keys of `vars`, `set` or `with`; NULL, and what is no map, has none. */
static int declare_map(struct making *making, const struct config_node *map)
{
    int r = 0;

    for (size_t i = 0; r == 0 && map && map->kind == CONFIG_MAP && i < map->count; i++)
        r = declare_named(making, map->entries[i].key,
                          only(map->entries[i].value, "secret") != NULL);
    return r;
}

/* A step_walk_fn. */
static int declare_of_step(void *ctx, const struct step_form *step)
{
    struct making *making = ctx;
    const struct extract_form *extract = step->extracts.items;
    int r = declare_map(making, step->set);

    if (r == 0)
        r = declare_map(making, step->with);
    for (size_t i = 0; r == 0 && i < step->extracts.count; i++)
        r = declare_named(making, extract[i].form.key, extract[i].secret);
    return r;
}

static int declare_of_stages(struct making *making, const struct stages_form *stages)
{
    int r = step_walk(&stages->run, declare_of_step, making);

    if (r == 0)
        r = step_walk(&stages->organization, declare_of_step, making);
    return r < 0 ? r : step_walk(&stages->user, declare_of_step, making);
}

/* All that anything sets, before the first template names one. */
int make_variables(struct making *making)
{
    const struct scenario_form *form = making->form;
    const struct flow_form *flows = form->flows.items;
    const struct class_form *classes = form->users.items;
    int r = declare_map(making, form->vars);

    for (size_t i = 0; r == 0 && i < PLAN_PLATFORM_CALLS; i++)
        r = step_walk(&form->platform.calls.calls[i], declare_of_step, making);
    if (r == 0)
        r = declare_of_stages(making, &form->setup);
    if (r == 0)
        r = declare_of_stages(making, &form->teardown);
    for (size_t i = 0; r == 0 && i < form->flows.count; i++)
        r = step_walk(&flows[i].steps, declare_of_step, making);
    for (size_t i = 0; r == 0 && i < form->users.count; i++) {
        r = step_walk(&classes[i].setup, declare_of_step, making);
        if (r == 0)
            r = step_walk(&classes[i].flow, declare_of_step, making);
        if (r == 0)
            r = step_walk(&classes[i].teardown, declare_of_step, making);
    }
    return r;
}

/* The next name behind `.vars.` that is no part of another path and of no text; NULL: none. */
static const char *next_name(const char **at)
{
    static const char prefix[] = ".vars.";
    bool quoted = false;
    char before = ' ';

    for (const char *c = *at; *c; before = *c++) {
        if (*c == '"' && before != '\\')
            quoted = !quoted;
        if (quoted || strncmp(c, prefix, sizeof(prefix) - 1) != 0 ||
            isalnum((unsigned char)before) || strchr("_])\"?", before))
            continue;
        *at = c + sizeof(prefix) - 1;
        return *at;
    }
    return NULL;
}

static int refuse_variable(struct making *making, const struct config_node *place,
                           const char *name)
{
    const struct plan_variable *variables = making->variables.items;
    const char *names[MAKING_MAX_NAMES];
    const char *meant;
    char hint[200] = "add it to 'vars', or take it from an answer with 'extract'";
    size_t count = 0;

    for (size_t i = 0; i < making->variables.count && count < MAKING_MAX_NAMES; i++)
        names[count++] = variables[i].name;
    meant = suggest_name(name, names, count);
    if (meant)
        (void)snprintf(hint, sizeof(hint), "did you mean '.vars.%.100s'?", meant);
    return MAKING_REFUSE(making, place, hint, "nothing sets '.vars.%s'", name);
}

int variable_check_query(struct making *making, const struct config_node *place,
                         const char *query)
{
    const char *name;
    int r = 0;

    while (r == 0 && (name = next_name(&query)) != NULL) {
        char copy[100] = "";
        size_t len = 0;
        uint32_t index;

        while (len + 1 < sizeof(copy) && (isalnum((unsigned char)*name) || *name == '_'))
            copy[len++] = *name++;
        if (len > 0 && !variable_find(making, copy, &index))
            r = refuse_variable(making, place, copy);
    }
    return r;
}

/* Plain numbers, true and false are JSON; all other scalars are texts. */
static int assign_scalar(struct making *making, const struct config_node *value,
                         struct plan_assignment *assignment)
{
    struct buf json = BUF_INIT(MAX_VALUE_BYTES);
    int r = config_write_json(value, &json);
    const bool is_text = r == 0 && *buf_str(&json) == '"';

    if (is_text)
        r = making_text(making, value, value->text, &assignment->text);
    else if (r == 0)
        r = making_json_text(making, value, buf_str(&json), &assignment->text);
    assignment->kind = is_text ? PLAN_VALUE_TEXT : PLAN_VALUE_JSON;
    buf_deinit(&json);
    return r;
}

int variable_assign(struct making *making, const struct config_entry *entry,
                    struct plan_assignment *ret_assignment)
{
    const struct config_node *value = entry->value;
    const struct config_node *query = only(value, "jq");
    const struct config_node *secret = only(value, "secret");

    *ret_assignment =
        (struct plan_assignment){.kind = PLAN_VALUE_UNSET, .query = PLAN_NONE};
    /* One that cannot be a variable's name was told. */
    if (!variable_find(making, entry->key->text, &ret_assignment->variable))
        return 0;
    if (secret)
        value = secret;
    if (query && query->kind == CONFIG_SCALAR) {
        ret_assignment->kind = PLAN_VALUE_QUERY;
        return making_query(making, query, QUERY_OF_USER, query->text,
                            &ret_assignment->query);
    }
    if (value->kind == CONFIG_NULL)
        return 0;
    if (value->kind == CONFIG_SCALAR)
        return assign_scalar(making, value, ret_assignment);
    ret_assignment->kind = PLAN_VALUE_JSON;
    return making_json(making, value, MAX_VALUE_BYTES, &ret_assignment->text);
}

int make_initials(struct making *making)
{
    const struct config_node *vars = making->form->vars;
    struct plan_assignment *initials;
    int r = 0;

    if (!vars)
        return 0;
    if (vars->kind != CONFIG_MAP)
        return MAKING_REFUSE(making, vars, "write 'name: value' lines",
                             "vars: %s where a map should be",
                             config_kind_name(vars->kind));
    initials = making_array(making, vars->count, sizeof(*initials));
    if (!initials)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < vars->count; i++)
        r = variable_assign(making, &vars->entries[i], &initials[i]);
    making->plan->initials = initials;
    making->plan->initial_count = vars->count;
    return r;
}

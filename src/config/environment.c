#include "config/environment.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "config/merge.h"
#include "config/tree.h"

/* Names that can be suggested. */
#define MAX_NAMES 64

int environment_replace(struct config_tree *tree, const struct config_node *environments,
                        const struct config_node **root)
{
    const struct config_node *old = *root;
    struct config_entry *entries = tree_alloc(tree, old->count, sizeof(*entries));

    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; i < old->count; i++) {
        entries[i] = old->entries[i];
        if (strcmp(entries[i].key->text, ENVIRONMENTS_KEY) == 0)
            entries[i].value = environments;
    }
    *root = tree_map(tree, old->place, entries, old->count);
    return *root ? 0 : -ENOMEM;
}

static int refuse(const struct config_node *environments, const char *wanted,
                  struct diag_place place, struct diag_list *reterr_diags)
{
    const char *names[MAX_NAMES] = {0};
    const char *meant;
    size_t count = 0;
    size_t len;
    char hint[300];

    for (size_t i = 0; environments && i < environments->count && count < MAX_NAMES; i++)
        names[count++] = environments->entries[i].key->written;
    meant = suggest_name(wanted, names, count);
    if (count == 0)
        return diag_add(reterr_diags, place, "add it below 'environments'",
                        "there is no environment '%s', nor any other", wanted);
    if (meant)
        len = (size_t)snprintf(hint, sizeof(hint), "did you mean '%.100s'?", meant);
    else
        len = (size_t)snprintf(hint, sizeof(hint), "there are:");
    for (size_t i = 0; !meant && i < count && len < sizeof(hint); i++)
        len += (size_t)snprintf(hint + len, sizeof(hint) - len, "%s %s", i > 0 ? "," : "",
                                names[i]);
    return diag_add(reterr_diags, place, hint, "there is no environment '%s'", wanted);
}

int environment_apply(struct config_tree *tree, const char *wanted,
                      struct diag_list *reterr_diags, const struct config_node **root)
{
    const struct config_node *environments = config_find(*root, ENVIRONMENTS_KEY);
    const struct config_node *named = config_find(*root, ENVIRONMENT_KEY);
    const struct config_node *found;
    struct diag_place place = {"--env", 0, 0, 0};

    if (!wanted && (!named || named->kind != CONFIG_SCALAR || named->broken))
        return 0; /* another kind of value is refused by the table */
    if (!wanted) {
        wanted = named->text;
        place = named->place;
    }
    found = config_find(environments, wanted);
    if (!found)
        return refuse(environments, wanted, place, reterr_diags);
    /* What is no map is refused by the table, or was not to be read. */
    return found->kind == CONFIG_MAP ? merge_over(tree, *root, found, root) : 0;
}

#include "config/load.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "config/document.h"
#include "config/environment.h"
#include "config/file.h"
#include "config/merge.h"
#include "config/override.h"
#include "config/tree.h"

/* A file that is being read, and through it the one that includes it. */
struct open_file {
    const struct open_file *includer;
    const char *real_path; /* NULL: a text in memory */
    size_t depth;
};

/* One loading of a tree. */
struct loading {
    struct config_tree *tree;
    const struct config_options *options;
    struct diag_list *diags;
    size_t file_count;
    bool failed; /* errors were added, and loading went on for more */
};

static int load_include(struct loading *loading, const struct open_file *includer,
                        const struct config_node *path,
                        const struct config_node **ret_root);

static void text_wipep(char **text)
{
    if (*text)
        secret_wipe(*text, strlen(*text));
    free(*text);
}

/* Adds an error and lets the loading go on. Returns 0 or -ENOMEM. */
static int note(struct loading *loading, int error)
{
    loading->failed = true;
    return error == -ENOMEM ? error : 0;
}

/* Lays one more included file over those before. */
// NOLINTNEXTLINE(misc-no-recursion): at most CONFIG_MAX_INCLUDE_DEPTH
static int add_include(struct loading *loading, const struct open_file *file,
                       const struct config_node *path, const struct config_node **base)
{
    const struct config_node *included = NULL;
    int r;

    if (path->kind != CONFIG_SCALAR)
        return note(loading, diag_add(loading->diags, path->place,
                                      "write 'include: file.yaml' or a list of files",
                                      "include: %s where a file's name should be",
                                      config_kind_name(path->kind)));
    r = load_include(loading, file, path, &included);
    if (r < 0)
        return r == -EINVAL ? note(loading, r) : r;
    if (!*base) {
        *base = included;
        return 0;
    }
    return merge_over(loading->tree, *base, included, base);
}

// NOLINTNEXTLINE(misc-no-recursion): at most CONFIG_MAX_INCLUDE_DEPTH
static int follow_includes(struct loading *loading, const struct open_file *file,
                           const struct config_node **root)
{
    const struct config_node *include = config_find(*root, "include");
    const struct config_node *base = NULL;
    int r = 0;

    if (!include)
        return 0;
    if (include->kind == CONFIG_LIST) {
        for (size_t i = 0; r == 0 && i < include->count; i++)
            r = add_include(loading, file, include->items[i], &base);
    } else {
        r = add_include(loading, file, include, &base);
    }
    if (r < 0 || !base)
        return r;
    return merge_over(loading->tree, base, *root, root);
}

// NOLINTNEXTLINE(misc-no-recursion): at most CONFIG_MAX_INCLUDE_DEPTH
static int load_bytes(struct loading *loading, const struct open_file *file,
                      const char *name, const char *text, size_t len,
                      const struct config_node **ret_root)
{
    const struct config_node *root = NULL;
    int r = diag_list_add_source(loading->diags, name, text, len);

    if (r < 0)
        return r;
    r = document_read(loading->tree, loading->options, true, name, text, len,
                      loading->diags, &root);
    if (r < 0 && r != -EINVAL)
        return r;
    if (r < 0)
        loading->failed = true;
    if (!root)
        return -EINVAL;
    if (root->kind != CONFIG_MAP)
        return diag_add(loading->diags, root->place, "write 'key: value' lines",
                        "%s where a map should be",
                        root->kind == CONFIG_NULL ? "an empty file"
                                                  : config_kind_name(root->kind));
    r = follow_includes(loading, file, &root);
    if (r < 0)
        return r;
    *ret_root = root;
    return 0;
}

static int refuse_too_large(struct loading *loading, struct diag_place place)
{
    return diag_add(loading->diags, place, NULL, "too large: over %zu bytes",
                    CONFIG_MAX_BYTES);
}

/* place: what names the file, where messages about reading it point. */
// NOLINTNEXTLINE(misc-no-recursion): at most CONFIG_MAX_INCLUDE_DEPTH
static int load_file(struct loading *loading, const struct open_file *file,
                     const char *path, struct diag_place place,
                     const struct config_node **ret_root)
{
    CLEANUP(text_wipep) char *text = NULL;
    size_t len = 0;
    int r = file_read(path, CONFIG_MAX_BYTES, &text, &len);

    if (r == -ENOMEM)
        return r;
    if (r == -EFBIG)
        return refuse_too_large(loading, place);
    if (r < 0)
        return diag_add(loading->diags, place, NULL, "cannot read '%s': %s", path,
                        file_error(r));
    return load_bytes(loading, file, path, text, len, ret_root);
}

static bool is_open(const struct open_file *file, const char *real_path)
{
    for (; file; file = file->includer) {
        if (file->real_path && strcmp(file->real_path, real_path) == 0)
            return true;
    }
    return false;
}

static void freep(char **text)
{
    free(*text);
}

// NOLINTNEXTLINE(misc-no-recursion): at most CONFIG_MAX_INCLUDE_DEPTH
static int load_include(struct loading *loading, const struct open_file *includer,
                        const struct config_node *path,
                        const struct config_node **ret_root)
{
    const char *beside = file_beside(loading->tree, path->place.file, path->text);
    CLEANUP(freep) char *real_path = beside ? realpath(beside, NULL) : NULL;
    const struct open_file file = {includer, real_path, includer->depth + 1};

    if (!beside)
        return -ENOMEM;
    if (!real_path)
        return diag_add(loading->diags, path->place,
                        "the path is relative to the file that includes it",
                        "cannot include '%s': %s", path->written, file_error(-errno));
    if (is_open(includer, real_path))
        return diag_add(loading->diags, path->place, "remove one of the includes",
                        "'%s' includes itself", path->written);
    if (file.depth > CONFIG_MAX_INCLUDE_DEPTH ||
        loading->file_count >= CONFIG_MAX_INCLUDES)
        return diag_add(loading->diags, path->place, NULL,
                        "too deep: includes over %d levels, or over %d files",
                        CONFIG_MAX_INCLUDE_DEPTH, CONFIG_MAX_INCLUDES);
    loading->file_count++;
    return load_file(loading, &file, beside, path->place, ret_root);
}

/* Puts the maps of files in place of their names; what cannot be read stays, and was told. */
static int read_environments(struct loading *loading, const struct open_file *file,
                             const struct config_node **root)
{
    const struct config_node *named = config_find(*root, ENVIRONMENTS_KEY);
    struct config_entry *entries;
    int r = 0;

    if (!named || named->kind != CONFIG_MAP)
        return 0;
    entries = tree_alloc(loading->tree, named->count, sizeof(*entries));
    if (!entries)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < named->count; i++) {
        entries[i] = named->entries[i];
        if (entries[i].value->kind != CONFIG_SCALAR)
            continue;
        r = load_include(loading, file, named->entries[i].value, &entries[i].value);
        if (r == -EINVAL)
            r = note(loading, r);
    }
    if (r < 0)
        return r;
    named = tree_map(loading->tree, named->place, entries, named->count);
    return named ? environment_replace(loading->tree, named, root) : -ENOMEM;
}

/* The one that the options ask for, by its own or by `--set env=NAME`; NULL: the file says. */
static const char *wanted_environment(const struct config_options *options)
{
    static const char key[] = ENVIRONMENT_KEY "=";
    const char *wanted = options->environment;

    for (size_t i = 0; !wanted && i < options->override_count; i++)
        if (strncmp(options->overrides[i], key, sizeof(key) - 1) == 0)
            wanted = options->overrides[i] + sizeof(key) - 1;
    return wanted;
}

/* Lays the environment that is asked for over the rest. */
static int use_environment(struct loading *loading, const struct open_file *file,
                           const struct config_node **root)
{
    int r = read_environments(loading, file, root);

    if (r == 0)
        r = environment_apply(loading->tree, wanted_environment(loading->options),
                              loading->diags, root);
    return r == -EINVAL ? note(loading, r) : r;
}

/* What follows once all files are read. */
static int finish(struct loading *loading, const struct open_file *file,
                  const struct config_node *root)
{
    if (loading->options->has_environments) {
        const int r = use_environment(loading, file, &root);

        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < loading->options->override_count; i++) {
        const int r = override_apply(loading->tree, loading->options->overrides[i],
                                     loading->diags, &root);

        if (r < 0 && r != -EINVAL)
            return r;
        if (r < 0)
            loading->failed = true;
    }
    assert(root);
    if (root->weight > CONFIG_MAX_NODES || root->height > CONFIG_MAX_HEIGHT)
        return diag_add(loading->diags, (struct diag_place){root->place.file, 0, 0, 0},
                        NULL,
                        "too large: over %d values or %d levels in all files together",
                        CONFIG_MAX_NODES, CONFIG_MAX_HEIGHT);
    tree_set_root(loading->tree, root);
    return 0;
}

/* text: NULL for a file that is still to be read. */
static int load(const struct open_file *file, const char *name, const char *text,
                size_t len, const struct config_options *options,
                struct diag_list *reterr_diags, struct config_tree **ret_tree)
{
    CLEANUP(config_tree_freep) struct config_tree *tree = NULL;
    struct loading loading = {.options = options, .diags = reterr_diags, .file_count = 1};
    const struct config_node *root = NULL;
    struct diag_place place = {0};
    int r = tree_new(&tree);

    if (r < 0)
        return r;
    loading.tree = tree;
    place.file = tree_copy(tree, name, strlen(name));
    if (!place.file)
        return -ENOMEM;
    if (!text)
        r = load_file(&loading, file, place.file, place, &root);
    else if (len > CONFIG_MAX_BYTES)
        r = refuse_too_large(&loading, place);
    else
        r = load_bytes(&loading, file, place.file, text, len, &root);
    if (r == 0)
        r = finish(&loading, file, root);
    if (r < 0)
        return r;
    *ret_tree = TAKE(tree);
    return loading.failed ? -EINVAL : 0;
}

int config_load(const char *path, const struct config_options *options,
                struct diag_list *reterr_diags, struct config_tree **ret_tree)
{
    CLEANUP(freep) char *real_path = realpath(path, NULL);
    const struct open_file file = {.real_path = real_path};

    return load(&file, path, NULL, 0, options, reterr_diags, ret_tree);
}

int config_load_text(const char *name, const char *text, size_t len,
                     const struct config_options *options, struct diag_list *reterr_diags,
                     struct config_tree **ret_tree)
{
    const struct open_file file = {0};

    return load(&file, name, text, len, options, reterr_diags, ret_tree);
}

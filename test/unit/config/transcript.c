#include "transcript.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

const char *transcript_lookup(void *ctx, const char *name)
{
    const char *const *const *environment = ctx;

    for (const char *const *at = *environment; at && *at; at += 2) {
        if (strcmp(at[0], name) == 0)
            return at[1];
    }
    return NULL;
}

static struct config_options options_of(const struct transcript_setup *setup,
                                        const char *const **environment)
{
    return (struct config_options){.lookup = transcript_lookup,
                                   .lookup_ctx = environment,
                                   .overrides = setup->overrides,
                                   .override_count = setup->override_count,
                                   .has_environments = setup->has_environments,
                                   .environment = setup->chosen};
}

static char *finish(int r, struct config_tree *tree, struct diag_list *diags)
{
    struct buf out = BUF_INIT((size_t)1 << 22);

    if (r == 0) {
        assert_int_equal(diag_count(diags), 0);
        assert_int_equal(config_write_json(config_root(tree), &out), 0);
    } else {
        assert_int_equal(r, -EINVAL);
        assert_true(diag_count(diags) > 0);
        assert_int_equal(diag_print(diags, 0, &out), 0);
    }
    config_tree_free(tree);
    diag_list_free(diags);
    return buf_take(&out);
}

char *transcript_of(const char *text, size_t len, const struct transcript_setup *setup)
{
    const char *const *environment = setup->environment;
    const struct config_options options = options_of(setup, &environment);
    struct config_tree *tree = NULL;
    struct diag_list *diags = NULL;
    int r;

    assert_int_equal(diag_list_new(20, &diags), 0);
    r = config_load_text("a.yaml", text, len, &options, diags, &tree);
    return finish(r, tree, diags);
}

char *transcript_of_file(const char *path, const struct transcript_setup *setup)
{
    const char *const *environment = setup->environment;
    const struct config_options options = options_of(setup, &environment);
    struct config_tree *tree = NULL;
    struct diag_list *diags = NULL;
    int r;

    assert_int_equal(diag_list_new(20, &diags), 0);
    r = config_load(path, &options, diags, &tree);
    return finish(r, tree, diags);
}

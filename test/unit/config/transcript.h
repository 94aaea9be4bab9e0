/*
 * What a text is read as: JSON of its tree, or the messages about it.
 */
#pragma once

#include "base/buf.h"
#include "config/load.h"

/* An environment: NAME, value, NAME, value, …, NULL. */
struct transcript_setup {
    const char *const *environment;
    const char *const *overrides;
    size_t override_count;
    bool has_environments; /* as of struct config_options, … */
    const char *chosen;    /* … and its `environment` */
};

/* The JSON of the tree, or what diag_print says. The caller's (free()). */
char *transcript_of(const char *text, size_t len, const struct transcript_setup *setup);

/* The same for a file. */
char *transcript_of_file(const char *path, const struct transcript_setup *setup);

/* config_lookup_fn over an environment as above. */
const char *transcript_lookup(void *ctx, const char *name);

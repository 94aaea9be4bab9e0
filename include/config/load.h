/*
 * From files to a tree of nodes: reads YAML, expands ${…} from the environment, follows `include:`,
 * merges, lays an environment over the rest, and applies what the command line overrides. It knows no
 * keys but `include`, `<<`, and where they are asked for `environments` and `env`: what else may stand
 * in a file is said by tables of fields (config/field.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "config/node.h"

/*
 * Bounds, so that no file can make the program slow or big: each is far above what people write.
 * A file is at most what fits into a Kubernetes ConfigMap.
 */
#define CONFIG_MAX_BYTES ((size_t)1 << 20) /* of one file */
#define CONFIG_MAX_HEIGHT 64               /* levels of nesting, aliases followed */
#define CONFIG_MAX_NODES 100000    /* of a whole tree, each alias counted in full */
#define CONFIG_MAX_KEYS 1000       /* of one map: they are compared pairwise */
#define CONFIG_MAX_INCLUDE_DEPTH 8 /* files that include files */
#define CONFIG_MAX_INCLUDES 64     /* files in all */

/* The value of an environment variable, or NULL. Borrowed until the next call. */
typedef const char *config_lookup_fn(void *ctx, const char *name);

struct config_options {
    config_lookup_fn *lookup; /* NULL: the process's own environment */
    void *lookup_ctx;
    const char *const *overrides; /* each KEY=VALUE, as --set takes it */
    size_t override_count;
    bool has_environments;   /* `environments` and `env` mean what config_load() says */
    const char *environment; /* the one to take; NULL: what `env` says, else none */
};

/*
 * Reads a file and all that it includes.
 *
 * Expansion: in values, once, after parsing: ${NAME}, ${NAME:-default} (also where NAME is empty),
 * $$ for a dollar sign. What a variable holds is neither expanded again nor read as YAML.
 * Include: `include: file` or a list of files, relative to the including file. Its maps are merged
 * key by key; the including file wins, and of several includes the later one. Lists are replaced.
 * Environments: `environments:` has names with maps, or with files that are found as includes are. The
 * one that is taken is laid over the rest as an including file is over what it includes; all stay in the
 * tree, and those that were files are maps there.
 * Overrides: KEY is a path such as load.0.users or users."my class".weight (list indexes from 0),
 * VALUE is YAML and is not expanded; they are applied in order, after everything else.
 *
 * Returns 0; -EINVAL: reterr_diags got at least one error (a file that cannot be read is one), and
 * ret_tree is written all the same where there is something left whose mistakes are worth
 * collecting too; -ENOMEM.
 */
int config_load(const char *path, const struct config_options *options,
                struct diag_list *reterr_diags, struct config_tree **ret_tree);

/* The same for a text in memory. name: what messages call it; includes are relative to it. */
int config_load_text(const char *name, const char *text, size_t len,
                     const struct config_options *options, struct diag_list *reterr_diags,
                     struct config_tree **ret_tree);

/*
 * The path of a file that a scalar names: as seen from the file that the scalar stands in. Returns
 * buf_error.
 */
int config_beside(const struct config_node *path, struct buf *out);

/*
 * The bytes of that file, the caller's (free()), with a NUL behind them. Returns 0; -EINVAL with an error
 * added at the scalar: it cannot be read, or has more than max_bytes; -ENOMEM.
 */
int config_read(const struct config_node *path, size_t max_bytes,
                struct diag_list *reterr_diags, char **ret_bytes, size_t *ret_len);

/*
 * What a value of the tree becomes after it was loaded: a text of YAML, which is not expanded. origin: what
 * messages and config_write_yaml() call it, such as "--users"; must live as long as the tree.
 * Returns 0; -EINVAL with an error added; -ENOMEM.
 */
int config_parse(struct config_tree *tree, const char *origin, const char *yaml,
                 struct diag_list *reterr_diags, const struct config_node **ret_node);

/*
 * Puts a value at a path of the tree, in place of what is there; maps on the way are made. Returns
 * as config_parse().
 */
int config_put(struct config_tree *tree, const char *origin, const char *const *path,
               size_t count, const struct config_node *value,
               struct diag_list *reterr_diags);

/*
 * The outline of a scenario: each value of its file (includes, environment and options put in) with its
 * path and place, and no value itself but a hash, since keys may be among them. Two outlines are compared
 * to tell what changed in a file, and whether a run may go on with it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct config_node;
struct diag_list;
struct outline;

/* Of a tree's root, which may go afterwards. Returns 0 or -ENOMEM. */
int outline_new(const struct config_node *root, struct outline **ret_outline);

/* NULL is allowed. Returns NULL. */
struct outline *outline_free(struct outline *outline);

/* What differs between two outlines. */
struct outline_changes {
    size_t allowed; /* values of load, limits, thresholds, think times */
    size_t refused; /* all others */
};

/*
 * Compares. reterr_diags gets an error for each key that may not change while a run goes on, at its place
 * in the newer file; `said` gets what changed elsewhere: "load.0.users: 4 → 8; limits.cost: gone". Returns 0
 * or -ENOMEM.
 */
int outline_compare(const struct outline *before, const struct outline *after,
                    struct diag_list *reterr_diags, struct buf *said,
                    struct outline_changes *ret_changes);

/* Whether the value at a path may change while a run goes on: "users.asker.flow.1.think.base". */
bool outline_may_change(const char *path);

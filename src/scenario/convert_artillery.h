/*
 * Artillery's scripts in parts: what its texts mean here, its flows, and all around them.
 */
#pragma once

#include "scenario/convert_forms.h"

#define ARTILLERY_NAMES 256

/* A name that texts may use, and what stands for it here. */
struct artillery_name {
    const char *name;
    const char *ours; /* "vars.id" or "data.payload.email" */
};

struct artillery {
    struct draft *draft;
    const struct config_node *root;
    const char *target; /* the script's own, NULL: none */
    struct artillery_name names[ARTILLERY_NAMES];
    size_t name_count;
    size_t feeders;
};

/* Declares a name, unless it is known. */
void artillery_name_add(struct artillery *artillery, const char *name, const char *ours);

/*
 * A variable by its name, as ours; one that nothing sets becomes an empty one, and that is noted.
 */
const char *artillery_variable(struct artillery *artillery, const char *name);

/* A text with its templates as ours. Works on JSON too. */
const char *artillery_text(struct artillery *artillery, const char *text);

/* A path such as `$.data[0].id` as jq; NULL where it is more than a path. */
const char *artillery_path(struct artillery *artillery, const char *path);

/* Writes the steps of a flow. */
void artillery_write_flow(struct artillery *artillery, enum draft_part part,
                          unsigned level, const struct config_node *flow);

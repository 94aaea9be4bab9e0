/*
 * Texts that may hold templates, and expressions in jq and PCRE2: checked while the scenario is read, so
 * that a mistake has its place in the file.
 */
#pragma once

#include <stdint.h>

#include "expr/template.h"
#include "plan/script.h"
#include "scenario/query_view.h"

struct config_node;
struct making;

/*
 * A text with templates. place: the scalar that holds it, or what is nearest to it. NULL gives none. Each
 * returns 0, with a mistake added where there is one; -ENOMEM.
 */
int making_text(struct making *making, const struct config_node *place, const char *text,
                struct plan_text *ret_text);

/* The same of a path: what templates write in it is percent-encoded. */
int making_path(struct making *making, const struct config_node *place, const char *text,
                struct plan_text *ret_text);

/* The same, with names that somebody else knows (expr/template.h). */
int making_text_of(struct making *making, const struct config_node *place,
                   const char *text, template_name_fn *names, void *names_ctx,
                   struct plan_text *ret_text);

/* The same of a node as JSON, with templates in its strings. max_bytes: larger is refused. */
int making_json(struct making *making, const struct config_node *node, size_t max_bytes,
                struct plan_text *ret_text);

/* The same of JSON that was put together already. */
int making_json_text(struct making *making, const struct config_node *place,
                     const char *json, struct plan_text *ret_text);

/* The value of a pair, which has its key already. */
int making_pair_value(struct making *making, const struct config_node *value,
                      struct plan_pair *pair);

/* The number of a query; the same text has one number. text NULL gives PLAN_NONE. */
int making_query(struct making *making, const struct config_node *place,
                 enum query_view view, const char *text, uint32_t *ret_query);

/* The number of a pattern, and how many groups it has. */
int making_pattern(struct making *making, const struct config_node *place,
                   const char *text, uint32_t *ret_pattern, unsigned *ret_groups);

/* The converters, one a form: from what was read to a draft. */
#pragma once

#include "config/load.h"
#include "scenario/draft.h"

/* From a tree of nodes. Return 0; -EINVAL with an error added; -ENOMEM. */
int convert_k6(const struct config_node *options, const char *script, struct draft *draft,
               struct diag_list *reterr_diags);
int convert_artillery(const struct config_node *root, struct draft *draft,
                      struct diag_list *reterr_diags);

/* From a command line. */
int convert_vllm(const char *name, const char *text, struct draft *draft,
                 struct diag_list *reterr_diags);

/* The text of a scalar, or NULL. NULL is allowed, as for all below. */
const char *convert_text(const struct config_node *node);

/* A number, or `otherwise` where there is none. */
double convert_number(const struct config_node *node, double otherwise);

/* Seconds: a duration ("1m30s"), or a bare number of `unit_s` each; `otherwise` where there is none. */
double convert_seconds(const struct config_node *node, double unit_s, double otherwise);

/* The same of a map's key, noted where something else stands there, or less than nothing. */
double convert_number_at(struct draft *draft, const struct config_node *map,
                         const char *key, double otherwise);
double convert_seconds_at(struct draft *draft, const struct config_node *map,
                          const char *key, double unit_s, double otherwise);

/* An address without the name and password before its '@', which is noted. NULL stays NULL. */
const char *convert_address(struct draft *draft, const char *url);

bool convert_is_true(const struct config_node *node);

/* Notes each key of a map that is not among `known` (NULL-terminated). whose: "k6's option". */
void convert_note_others(struct draft *draft, const struct config_node *map,
                         const char *const *known, const char *whose);

/* Writes a map of texts under a key. */
void convert_pairs(struct draft *draft, enum draft_part part, unsigned level,
                   const char *key, const struct config_node *map);

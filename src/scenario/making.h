/*
 * The making of a plan out of forms: what all parts of it share, and each part's one function.
 * Mistakes are added to the diagnostics and the making goes on, so that all are told at once; a
 * plan with mistakes is thrown away at the end.
 */
#pragma once

#include "base/arena.h"
#include "plan/plan.h"
#include "scenario/form.h"
#include "scenario/growing.h"
#include "scenario/scenario.h"

struct making {
    const struct scenario_options *options;
    const struct scenario_form *form;
    struct diag_list *diags;
    struct arena *arena;
    struct plan *plan;
    struct plan_model *models;  /* the plan's, while they can be changed */
    struct plan_class *classes; /* likewise */
    /* The plan's, until all flows are compiled and it is given them (making_settle). */
    struct growing programs;              /* struct plan_program */
    struct growing steps;                 /* struct plan_step */
    struct growing step_groups;           /* uint32_t: of each step, or PLAN_NONE */
    struct growing groups;                /* struct plan_group */
    struct growing assignments;           /* struct plan_assignment */
    struct growing stops;                 /* struct plan_stop */
    struct growing variables;             /* struct plan_variable */
    struct growing names;                 /* struct plan_name */
    struct growing queries;               /* const char * */
    struct growing patterns;              /* const char * */
    struct threshold_metric *own_metrics; /* the plan's metrics, as thresholds see them */
    struct plan_feeder *feeders;
    struct growing *columns; /* of each feeder: const char * */
    /* Of targets, NULL where they say nothing: what `retry` of a step, class and scenario comes before. */
    const struct plan_retry **target_retries;
};

/* Adds a mistake about a node; the making goes on. Returns 0 or -ENOMEM. */
#define MAKING_REFUSE(making, node, ...)                                                 \
    making_noted(diag_add((making)->diags, (node)->place, __VA_ARGS__))

/* What diag_add returned, without the -EINVAL. */
int making_noted(int r);

/* A copy in the plan; NULL gives NULL. Returns 0 or -ENOMEM. */
int making_copy(struct making *making, const char *text, const char **ret_copy);

/* Gives the plan what has grown. */
void making_settle(struct making *making);

/* count zeroed elements in the plan; NULL only when memory is out. */
void *making_array(struct making *making, size_t count, size_t size);

/*
 * The node of a key of a form. Where the key is not written: the single value that stands for the
 * whole form, else the form's name, else the form itself. The form must be written.
 */
const struct config_node *making_place(const struct config_form *form, const char *key);

/* Whether the key stands in the form. */
bool making_has(const struct config_form *form, const char *key);

/* Whether a list without items stands there: what is no list at all was refused already. */
bool making_is_empty_list(const struct config_form *form, const char *key);

/* Pairs of a map of scalars, as they are; NULL: none. */
int making_pairs(struct making *making, const struct config_node *map,
                 const struct plan_pair **ret_pairs, size_t *ret_count);

/* The same, with templates in their values. */
int making_templates(struct making *making, const struct config_node *map,
                     const struct plan_pair **ret_pairs, size_t *ret_count);

/* The same, checked to be header fields (RFC 9110, section 5). */
int making_headers(struct making *making, const struct config_node *map,
                   const struct plan_pair **ret_pairs, size_t *ret_count);

/*
 * A secret of the plan's own; NULL gives NULL. Returns 0; -EINVAL: empty, or a control character is in
 * it; -ENOMEM.
 */
int making_secret(struct making *making, const char *text,
                  const struct secret **ret_secret);

/* Whether a text can be a header's name (RFC 9110, section 5.6.2: token). */
bool making_is_header_name(const char *text);

/* The path that stands in the form's `key`, as it is opened: from the file that names it. */
int making_beside(struct making *making, const struct config_form *head, const char *key,
                  const char **ret_path);

/* Names that are looked through for the one that was meant. */
#define MAKING_MAX_NAMES 256

/* Refuses the name that stands at place: a section, such as "models", does not list it. */
int making_refuse_name(struct making *making, const struct config_node *place,
                       const char *section, const char *const *names, size_t count);

/* The index of a target by the name that stands in the form's `key`; PLAN_NONE: name is NULL. */
int making_find_target(struct making *making, const struct config_form *form,
                       const char *key, const char *name, uint32_t *ret_index);

/* Each makes one part. Returns 0, with mistakes added where there are any; -ENOMEM. */
int make_targets(struct making *making);
int make_models(struct making *making);
int make_feeders(struct making *making);
int make_datasets(struct making *making);
int make_questions(struct making *making);
int make_metrics(struct making *making);
int make_variables(struct making *making);
int make_initials(struct making *making);
int make_classes(struct making *making);
/* The second once the load is known. */
int make_ab(struct making *making);
int make_ab_load(struct making *making);
int make_platform(struct making *making);
int make_stages(struct making *making);
int make_load(struct making *making);
int make_limits(struct making *making);
int make_backends(struct making *making);
int make_outputs(struct making *making);
int make_webhooks(struct making *making);
int make_thresholds(struct making *making);
int make_simulator(struct making *making);
int make_base_urls(struct making *making);

/*
 * The index of a model by its name, for the node that names it. Where `models:` lists none, it is
 * added.
 */
int make_model_index(struct making *making, const struct config_node *place,
                     const char *name, uint32_t *ret_index);

/* How a server's certificate is verified. */
int make_tls(struct making *making, const struct tls_form *form, struct plan_tls *tls);

/* The pause of a form. form->node NULL: no pause. */
int make_pause(struct making *making, const struct pause_form *form,
               struct plan_pause *ret_pause);

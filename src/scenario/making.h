/*
 * The making of a plan out of forms: what all parts of it share, and each part's one function.
 * Mistakes are added to the diagnostics and the making goes on, so that all are told at once; a
 * plan with mistakes is thrown away at the end.
 */
#pragma once

#include "base/arena.h"
#include "plan/plan.h"
#include "scenario/form.h"
#include "scenario/scenario.h"

struct making {
    const struct scenario_options *options;
    const struct scenario_form *form;
    struct diag_list *diags;
    struct arena *arena;
    struct plan *plan;
    struct plan_model *models;  /* the plan's, while they can be changed */
    struct plan_class *classes; /* likewise */
    struct plan_step *steps;    /* the plan's, with room for all */
};

/* Adds a mistake about a node; the making goes on. Returns 0 or -ENOMEM. */
#define MAKING_REFUSE(making, node, ...)                                                 \
    making_noted(diag_add((making)->diags, (node)->place, __VA_ARGS__))

/* What diag_add returned, without the -EINVAL. */
int making_noted(int r);

/* A copy in the plan; NULL gives NULL. Returns 0 or -ENOMEM. */
int making_copy(struct making *making, const char *text, const char **ret_copy);

/* The same, as a text without templates. */
int making_text(struct making *making, const char *text, struct plan_text *ret_text);

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

/* Pairs of a map of scalars; NULL: none. */
int making_pairs(struct making *making, const struct config_node *map,
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

/* Names that are looked through for the one that was meant. */
#define MAKING_MAX_NAMES 64

/* Refuses the name that stands at place: a section, such as "models", does not list it. */
int making_refuse_name(struct making *making, const struct config_node *place,
                       const char *section, const char *const *names, size_t count);

/* The index of a target by the name that stands in the form's `key`; PLAN_NONE: name is NULL. */
int making_find_target(struct making *making, const struct config_form *form,
                       const char *key, const char *name, uint32_t *ret_index);

/* Each makes one part. Returns 0, with mistakes added where there are any; -ENOMEM. */
int make_targets(struct making *making);
int make_models(struct making *making);
int make_classes(struct making *making);
int make_load(struct making *making);
int make_limits(struct making *making);
int make_outputs(struct making *making);
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

/* The program of a class's flow; its steps are added to the plan's. */
int make_program(struct making *making, const struct class_form *class_form,
                 const struct plan_class *plan_class, struct plan_program *ret_program);

/* How many steps a flow has, those of its loops and branches included. */
size_t make_count_steps(const struct config_items *steps);

/* What a step says. class_form: whose flow it stands in. */
int make_chat(struct making *making, const struct chat_form *form,
              const struct class_form *class_form, struct plan_chat *ret_chat);
int make_http(struct making *making, const struct http_form *form,
              struct plan_http_call *ret_http);

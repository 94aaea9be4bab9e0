/*
 * The form of an A/B comparison within one run, and what its parts share while it is made.
 */
#pragma once

#include <stdint.h>

#include "config/field.h"

struct making;
struct plan_arm;

struct arm_form {
    struct config_form form;
    uint64_t weight;
    const char *target;
    const struct config_node *models;
    const struct config_node *headers;
    const struct config_node *extra_body;
};

struct ab_form {
    struct config_form form;
    struct config_items arms; /* struct arm_form */
    const char *base;
    uint32_t by; /* enum plan_ab_by */
};

extern const struct field_table ab_table;

/*
 * The classes of an arm behind those of the plan: each as it is written, but as the arm has it. Returns 0, with
 * mistakes added; -ENOMEM.
 */
int make_arm_classes(struct making *making, const struct arm_form *form,
                     const struct plan_arm *arm, uint32_t index);

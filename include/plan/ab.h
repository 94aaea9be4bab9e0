/*
 * An A/B comparison within one run: what is asked is dealt to arms, which ask the same questions of another
 * target, of another model or in another way. Each class of users stands in the plan once as the scenario has it
 * and once more for each arm: the engine only has to say which of them somebody is.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/script.h"

struct plan;

/* Arms of one run, at most, and the greatest weight of one. */
#define PLAN_ARMS 8
#define PLAN_ARM_WEIGHT 100

/* What is dealt to the arms. */
enum plan_ab_by {
    PLAN_AB_ITERATION, /* each time that somebody goes through their flow; each arrival */
    PLAN_AB_USER,      /* people: all that they ever do is one arm's */
};

/* One model that an arm asks in place of another; indexes into the plan's models. */
struct plan_arm_model {
    uint32_t from;
    uint32_t to;
};

struct plan_arm {
    const char *name; /* label `arm` */
    uint32_t weight;  /* 1 to PLAN_ARM_WEIGHT; weights have no divisor in common */
    uint32_t target;  /* in place of the classes' own; PLAN_NONE: theirs */
    const struct plan_arm_model *models;
    size_t model_count;
    const struct plan_pair *headers; /* over those of the class */
    size_t header_count;
    const char *extra_body; /* JSON, laid over that of each step; NULL: none */
};

struct plan_ab {
    const struct plan_arm *arms;
    size_t arm_count; /* 0: the run compares nothing; else at least 2 */
    uint32_t base;    /* the arm that the others are compared with */
    enum plan_ab_by by;
    uint32_t
        class_count; /* the plan's first so many classes are as the scenario has them */
};

/* The word of it, as the scenario spells it: "iteration". */
const char *plan_ab_by_name(enum plan_ab_by by);

/* The class of the plan that a class as written (below class_count) is in an arm. */
uint32_t plan_arm_class(const struct plan *plan, uint32_t written, uint32_t arm);

/* The class that this one is of some arm; without arms, and of one as written, itself. */
uint32_t plan_written_class(const struct plan *plan, uint32_t class_index);

/* Classes as the scenario has them: all, where the run compares nothing. */
size_t plan_written_class_count(const struct plan *plan);

/* The arm of a class; false: it is as written. */
bool plan_class_arm(const struct plan *plan, uint32_t class_index, uint32_t *ret_arm);

/* The arm of a name; false: there is none. */
bool plan_find_arm(const struct plan *plan, const char *name, uint32_t *ret_arm);

/*
 * Kinds of servers: which name and labels of whose exposition stand for what. One table of rules for each
 * kind, in a file of its own that names its source.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "plan/backend.h"
#include "platform/backend_quantity.h"

struct prom_sample;

/* What several samples of one rule come to. */
enum backend_fold {
    FOLD_SUM,
    FOLD_MEAN,
    FOLD_MAX,
    FOLD_SHARE, /* the share of them that has a bit of `bits` */
};

struct backend_rule {
    const char *name;  /* of the sample: a histogram's sum and count are two */
    const char *label; /* NULL: whatever it has */
    const char *value; /* … which the label must have */
    enum backend_quantity quantity;
    enum backend_fold fold;
    double scale;  /* a value is multiplied with it; 0: taken as it is */
    unsigned bits; /* of FOLD_SHARE */
    bool may_lack; /* the label need not be there */
};

struct backend_kind {
    enum plan_backend_kind kind;
    const char *name;   /* as the scenario names it: "vllm" */
    const char *prefix; /* names that begin so are its own: how it is found out */
    const struct backend_rule *rules;
    size_t rule_count;
};

extern const struct backend_kind backend_kind_vllm;
extern const struct backend_kind backend_kind_sglang;
extern const struct backend_kind backend_kind_tgi;
extern const struct backend_kind backend_kind_triton;
extern const struct backend_kind backend_kind_llama_cpp;
extern const struct backend_kind backend_kind_dcgm;
extern const struct backend_kind backend_kind_node_exporter;
extern const struct backend_kind backend_kind_cadvisor;

/* Each kind; of several that one exposition has, the earlier gives it its name. NULL behind the last. */
const struct backend_kind *backend_kind_at(size_t index);

/* The kind, NULL of PLAN_BACKEND_AUTO. */
const struct backend_kind *backend_kind_of(enum plan_backend_kind kind);

/* Whether a name is one of the kind's own. */
bool backend_kind_has(const struct backend_kind *kind, const struct prom_sample *sample);

/* Adds what a sample tells by the kind's rules. */
void backend_kind_apply(const struct backend_kind *kind, const struct prom_sample *sample,
                        struct backend_raw *raw);

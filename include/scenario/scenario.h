/*
 * The scenario: a YAML file → a plan, or diagnostics that say what to write instead. Also what the
 * command line changes in it, the JSON Schema of the file and its reference page.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/load.h"

struct buf;
struct diag_list;
struct outline;
struct plan;
struct threshold_metric;

/* An address given on the command line: for all targets, or for those of one class. */
struct scenario_base_url {
    const char *class_name; /* NULL: every target that no other line names */
    const char *url;
};

/* What the command line says beside the file. Zero: as the file says. */
struct scenario_options {
    struct config_options config; /* environment and --set */
    const char *slos; /* --slo, as YAML: in place of the thresholds; NULL: none */
    const struct scenario_base_url *base_urls;
    size_t base_url_count;
    /* Scales every phase so that the peak is this; of an open loop, who take arrivals; 0: as written. */
    uint64_t users;
    double
        rate_per_s; /* of an open loop, likewise: arrivals a second at the peak; 0: as written */
    uint64_t duration_ns; /* scales the phases so that they sum to this; 0: as written */
    const uint64_t *seed; /* NULL: as written */
    const char *const *tags; /* "key=value", added to the run's */
    size_t tag_count;
    const struct threshold_metric
        *metrics; /* what thresholds may be on; NULL: anything */
    size_t metric_count;
    const char *const
        *labels;   /* keys of all runs' requests, NULL-terminated; NULL: any */
    bool insecure; /* no target's certificate is verified */
    uint32_t worker_index;
    uint32_t worker_count; /* 0: 1 */
    /* Gets the outline of the file, the caller's (scenario/outline.h); NULL: not wanted. */
    struct outline **outline;
    /* Gets the scenario as it was resolved, as YAML without keys (scenario.yaml); NULL: not wanted. */
    struct buf *resolved;
};

/*
 * Reads and checks a scenario. Returns 0 with the plan (the caller's, plan_free); -EINVAL with at
 * least one error in reterr_diags; -ENOMEM. Touches no network.
 */
int scenario_load(const char *path, const struct scenario_options *options,
                  struct diag_list *reterr_diags, struct plan **ret_plan);

/* The JSON Schema (draft 2020-12) of a scenario file. Returns buf_error. */
int scenario_schema(struct buf *out);

/* The reference page (doc/scenario-reference.md), Markdown. Returns buf_error. */
int scenario_reference(struct buf *out);

/* The page of templates, queries and patterns (doc/templates.md), Markdown. Returns buf_error. */
int scenario_template_page(struct buf *out);

/*
 * The options that name a scenario and change it, shared by `run` and `check`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/option.h"

struct data;
struct diag_list;
struct plan;

struct run_options {
    struct option_list set;
    const char *slos; /* of a search, as YAML: in place of the thresholds; NULL: none */
    const char *environment;
    uint64_t users;
    const char *rate;
    const char *duration;
    struct option_list base_urls;
    const char *seed;
    struct option_list tags;
    bool insecure;
    uint64_t workers;
    const char *worker_index;
    const char *run_id;
    const char *out;
    bool headless;
    bool quiet;
    const char *log_level;
    const char *log_format;
    bool log_bodies;
    bool no_cleanup;
    bool no_preflight;
    bool preflight_only;
    bool dry_run;
    bool print_requests;
    bool no_kernel_stamps;
    const char *require_trust; /* a letter, or NULL */
    const char *ground_truth;
    bool requests_jsonl;
    bool record_chunks;
    const char *listen;
    bool debug_memory;
    bool ui;
    const char *ui_listen;
    const char *ui_token;
    bool strict_export;
    const char *baseline; /* a run, the name of a baseline, or "none" */
    const char *ci;       /* a choice, or NULL: auto */
    const char *notify;   /* [failure=]URL, or NULL */
    const char *history;  /* a place, or "none"; NULL: the scenario says it */
};

/* As more_options of struct command: the options of `run`, those that change the scenario first. */
size_t run_options_all(struct option *rows, size_t room);

/* Likewise those that change the scenario alone. */
size_t run_options_of_scenario(struct option *rows, size_t room);

struct buf;
struct outline;

/* What is made of a scenario beside its plan. */
struct run_options_wish {
    struct buf *resolved;     /* gets scenario.yaml; NULL: not wanted */
    struct outline **outline; /* gets its outline, the caller's; NULL: not wanted */
};

/*
 * Loads a scenario as the options change it, and the files that it reads rows from. wish may be NULL: nothing
 * beside. On a mistake it is printed to standard error.
 * Returns -1 with plan and data (the caller's), else the exit code to leave with.
 */
int run_options_load(const char *command, const char *path,
                     const struct run_options *options,
                     const struct run_options_wish *wish, struct plan **ret_plan,
                     struct data **ret_data);

/*
 * Loads it once more, while it runs: prints nothing, and reads no rows. May be called on another thread.
 * Returns as scenario_load().
 */
int run_options_load_again(const char *path, const struct run_options *options,
                           struct diag_list *reterr_diags, struct outline **ret_outline,
                           struct plan **ret_plan);

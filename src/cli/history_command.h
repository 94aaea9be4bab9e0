/*
 * `throng history`: what its actions have in common.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "cli/option.h"
#include "cli/run_reference.h"

struct buf;
struct history;
struct history_filter;

struct history_options {
    const char *place; /* --history */
    const char *out;
    const char *scenario;
    struct option_list tags;
    uint64_t last;
    const char *format; /* "text", "json" or NULL */
    const char *html;   /* a file, or NULL */
    uint64_t keep;
    const char *older_than;
    bool dry_run;
};

/* One action in progress. */
struct history_call {
    const struct history_options *options;
    const char *const *words; /* behind the action's name */
    size_t count;
    struct run_places places;
    struct history *history; /* once it is open; whoever calls the action closes it */
};

/* An action: prints what it does. Returns the exit code. */
typedef int history_action_fn(struct history_call *call);
history_action_fn history_list_action;
history_action_fn history_show_action;
history_action_fn history_trend_action;
history_action_fn history_baseline_action;
history_action_fn history_import_action;
history_action_fn history_prune_action;

/* Opens the history. Returns -1, or the exit code to leave with, once it said why. */
int history_call_open(struct history_call *call, bool to_write);

/*
 * Says on standard error what went wrong: r is what a function of result/history.h returned, and why its
 * sentence. Returns the exit code.
 */
int history_call_fail(const struct history_call *call, int r, const struct buf *why);

/* The filter of the options; last 0: as many as there are. */
struct history_filter history_call_filter(const struct history_call *call, uint64_t last);

/* Whether JSON is wanted. */
bool history_call_wants_json(const struct history_call *call);

/* Prints a document as JSON, or its text; takes neither. Returns the exit code. */
int history_call_print_json(json_t *document);
int history_call_print(struct buf *text);

/* A document of a schema with the history's name in it, for members to be put in. NULL: out of memory. */
json_t *history_call_document(const struct history_call *call, const char *schema);

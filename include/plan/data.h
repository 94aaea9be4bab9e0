/*
 * Data beside the scenario: rows that templates read from (feeders), conversations and prompts that are
 * asked (datasets), prompts of a given length (synthetic), and questions that the scenario words itself.
 * The plan says where they are; workload reads the files before the load starts.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/script.h"

/* Which row a user takes: the same for any number of workers, and never the same as another's … */
enum plan_order {
    PLAN_ORDER_SEQUENTIAL, /* … until all are used: user k's take n is row (k + n × peak users) mod rows */
    PLAN_ORDER_RANDOM, /* drawn */
    PLAN_ORDER_UNIQUE, /* as sequential, but no row twice: a user without a row ends */
};

struct plan_feeder {
    const char *name; /* as in data.NAME.COLUMN */
    const char *path; /* as opened: relative to the file that names it is resolved */
    bool json_lines;  /* else CSV (RFC 4180) whose first line names the columns */
    enum plan_order order;
    bool
        skip_bad_rows; /* counted and left out; else a bad row is a mistake of the scenario */
    const char *const *columns; /* those that templates use */
    size_t column_count;
    /* Where it is named, for messages about the file. */
    const char *file;
    uint32_t line;
    uint32_t column;
};

enum plan_dataset_format {
    PLAN_DATASET_SHAREGPT, /* a list of {conversations: [{from, value}, …]} */
    PLAN_DATASET_JSONL, /* a line each: {"prompt": …} or {"messages": […]}, output_tokens beside */
};

struct plan_dataset {
    const char *name;
    const char *path;
    enum plan_dataset_format format;
    enum plan_order order;
    bool skip_bad_rows;
    const char *file; /* where it is named */
    uint32_t line;
    uint32_t column;
};

/* A number of tokens to draw. */
enum plan_length_kind {
    PLAN_LENGTH_NONE,
    PLAN_LENGTH_CONSTANT,
    PLAN_LENGTH_UNIFORM,   /* from min to max */
    PLAN_LENGTH_NORMAL,    /* mean, deviation; outside [min, max] drawn again */
    PLAN_LENGTH_LOGNORMAL, /* mean and deviation of the value itself */
};

struct plan_length {
    enum plan_length_kind kind;
    double mean_tokens;
    double deviation_tokens;
    uint64_t min_tokens;
    uint64_t max_tokens;
};

/* Prompts made of words to a length, and answers asked for with a length. */
struct plan_synthetic {
    struct plan_length input;
    struct plan_length
        output; /* sent as max_tokens, with min_tokens and ignore_eos where asked */
    bool
        exact_output; /* min_tokens and ignore_eos are sent: vLLM, SGLang, TGI know them */
};

/* A beginning that prompts share, to test prefix caches on purpose (USR-4). */
struct plan_prefix {
    uint64_t tokens; /* 0: none */
    double
        hit_ratio; /* share of the requests that begin with one of the shared prefixes, else a fresh one */
    uint32_t pool; /* shared prefixes that there are, at least 1 */
};

/* A question of the scenario's own: texts with {{ lists.x }}, drawn evenly. */
struct plan_word_list {
    const char *name;
    const char *const *words;
    size_t count;
};

struct plan_questions {
    const char *name;                  /* as in chat: {question: NAME} */
    const struct plan_text *templates; /* names are indexes into `lists` */
    size_t template_count;
    const struct plan_word_list *lists;
    size_t list_count;
};

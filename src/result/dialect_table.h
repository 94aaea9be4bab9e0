/*
 * A dialect: one table of the figures that a tool tells, each with the function that is its definition and
 * the sentences about it. JSON, text and doc/dialects.md are made of this table.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "result/dialect.h"
#include "result/dialect_request.h"
#include "result/dialect_values.h"

struct json_tree;

/* What a request is to a tool. */
enum dialect_fate {
    DIALECT_LEFT_OUT, /* no request of its kind */
    DIALECT_SUCCEEDED,
    DIALECT_FAILED,
};

/* What a definition needs that a run may lack. */
enum dialect_need {
    DIALECT_NEEDS_NOTHING,
    DIALECT_NEEDS_USAGE,    /* each answer's tokens as the server counted them */
    DIALECT_NEEDS_EVENTS,   /* when each chunk came */
    DIALECT_NEEDS_LENGTHS,  /* how many tokens each chunk had */
    DIALECT_NEEDS_SETTINGS, /* limits that the tool is given on its command line */
    DIALECT_NEED_COUNT,
};

/* The requests of a run, as one tool counts them. */
struct dialect_view {
    const struct dialect *dialect;
    const json_t *summary;
    const struct dialect_requests *requests;
    const enum dialect_fate *fates; /* of each request */
    uint64_t succeeded;
    uint64_t failed;
    uint64_t first_sent_ns; /* of those that succeeded or failed; 0: none did */
    uint64_t last_end_ns;
    bool lacks[DIALECT_NEED_COUNT];
};

/* Adds the values that a request has of a figure: none, one, or one for each chunk. */
typedef void dialect_collect_fn(const struct dialect_view *view,
                                const struct dialect_request *request,
                                struct dialect_values *values);

/* One number of the run; NAN where there is none. */
typedef double dialect_number_fn(const struct dialect_view *view);

struct dialect_row {
    const char *name;
    /* Its place in the tool's file, parts between slashes; `*` stands for the statistic's name. */
    const char *path;
    const char *title;
    const char *unit;
    double scale; /* from what the functions give to the unit; 0: 1 */
    enum dialect_need need;
    dialect_collect_fn *collect; /* of a distribution over the requests that succeeded */
    bool of_all;                 /* over those that failed too */
    dialect_number_fn
        *number; /* of one number; of a distribution, its mean where the need is unmet */
    bool is_whole;      /* a number without decimals in the file */
    const char *metric; /* as in struct dialect_figure, and so the rest */
    const char *meaning;
    const char *why;
};

struct dialect {
    const char *name;
    const char *tool;
    const char *file; /* of the tool, whose form the JSON has */
    enum dialect_fate (*fate)(const struct dialect_request *request);
    enum dialect_quantile rule;
    const struct dialect_statistic *statistics;
    size_t statistic_count;
    const struct dialect_row *rows;
    size_t row_count;
    const char *
        one_member; /* the file has an object with its unit for each figure, and one number under this; NULL: no */
    /* Puts what stands in the tool's file before the figures. NULL: nothing. */
    void (*begin)(struct json_tree *tree, json_t *document,
                  const struct dialect_view *view);
};

extern const struct dialect dialect_vllm;
extern const struct dialect dialect_vllm_role;
extern const struct dialect dialect_aiperf;
extern const struct dialect dialect_guidellm;
extern const struct dialect dialect_inference_perf;
extern const struct dialect dialect_k6;

/* The story in the form of the tool's file. Returns 0 or -ENOMEM. */
int dialect_document(const struct dialect_view *view, const struct dialect_story *story,
                     json_t **ret_document);

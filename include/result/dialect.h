/*
 * The figures of a run as another tool would have told them: vLLM bench serve, AIPerf, GuideLLM,
 * inference-perf, k6. Each defines the same words in its own way; here its definitions (doc/dialects.md)
 * are applied to samples.bin. What they need and a run does not have is told as a lack, never guessed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct buf;
struct dialect;

#define DIALECT_STATISTICS_MAX 20

enum dialect_measure {
    DIALECT_MEAN,
    DIALECT_STD, /* of the population, as numpy's std */
    DIALECT_MIN,
    DIALECT_MAX,
    DIALECT_QUANTILE,
    DIALECT_COUNT,
    DIALECT_SUM,
};

/* One number of a distribution. */
struct dialect_statistic {
    const char *name; /* as the tool writes it: "median" */
    enum dialect_measure measure;
    double quantile; /* from 0 to 1 */
    bool told;       /* in the text for people; JSON has all */
};

/* A figure as the tool tells it. */
struct dialect_figure {
    const char *name;    /* the tool's own: "ttft" */
    const char *title;   /* in the tool's words: "Time to First Token" */
    const char *unit;    /* "ms"; "" for none */
    const char *meaning; /* how the tool defines it: a sentence */
    const char *why;     /* why throng's own differs: a sentence; "": it does not */
    const char
        *metric;      /* throng's own in `metrics` of the summary; NULL: there is none */
    const char *lack; /* why it, or a part of it, is not known; NULL: it is */
    bool is_one;      /* one number, values[0]; else one for each statistic */
    double values[DIALECT_STATISTICS_MAX]; /* NAN: not known */
};

/* What a tool would have told of a run. All texts but the notes live as long as the program. */
struct dialect_story {
    const struct dialect *dialect;
    const struct dialect_statistic *statistics;
    size_t statistic_count;
    struct dialect_figure *figures;
    size_t figure_count;
    uint64_t succeeded; /* requests, as the tool counts them */
    uint64_t failed;
    char **notes; /* sentences: what was left out, and what is not in the file */
    size_t note_count;
    json_t *document; /* the same in the form of the tool's own file */
};

/* The dialects in the order of the page; NULL from the end on. And one by its name, or NULL. */
const struct dialect *dialect_at(size_t index);
const struct dialect *dialect_find(const char *name);

/* "vllm"; and the tool with the version whose source was read: "vLLM bench serve 0.33.0". */
const char *dialect_name(const struct dialect *dialect);
const char *dialect_tool(const struct dialect *dialect);

/*
 * Tells a run. samples: the path of its samples.bin; summary: its summary. Returns 0; -EBADMSG: it is no
 * samples.bin; -ENOMEM; what reading it said.
 */
int dialect_tell(const struct dialect *dialect, const char *samples,
                 const json_t *summary, struct dialect_story **ret_story);

/* NULL is allowed. Returns NULL. */
struct dialect_story *dialect_story_free(struct dialect_story *story);

/* Appends the tables of doc/dialects.md: what each dialect's figures mean. Returns buf_error. */
int dialect_reference(struct buf *out);

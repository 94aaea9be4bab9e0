/*
 * A portrait: how what was under test answered, as a run measured it, by model. A results folder,
 * or its summary.json alone → quantiles and shares, for who wants to answer alike. It does no more
 * than read.
 *
 * What is left out: how times depend on load and on prompts; and all that was not asked of a model.
 * Answers that throng did not let come to their end count for as long as they were seen (censored),
 * so that a portrait is not faster, and its answers not shorter, than the original.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Quantiles, equally far apart from the least to the greatest. */
#define PORTRAIT_POINTS 1001

/* What can be wrong with an answer beside its status. */
enum portrait_fault {
    PORTRAIT_RESET,
    PORTRAIT_TRUNCATED,
    PORTRAIT_STALLED, /* a timeout: nothing came, or nothing more */
    PORTRAIT_MALFORMED,
    PORTRAIT_STREAM_ERROR,
    PORTRAIT_NO_DONE,
    PORTRAIT_AFTER_DONE,
    PORTRAIT_WRONG_USAGE,
    PORTRAIT_CROSSED,
    PORTRAIT_MIXED,
    PORTRAIT_FAULT_COUNT
};

/* NULL: it was not measured. */
struct portrait_curve {
    double *points; /* owned; PORTRAIT_POINTS of them */
};

#define PORTRAIT_STATUSES_MAX 16

struct portrait_status {
    int status; /* 0 ends a list */
    uint64_t count;
};

/* How one model answered. */
struct portrait_model {
    char *name;                    /* owned; NULL: all models together */
    uint64_t asked;                /* requests whose fate is known: shares are of these */
    uint64_t whole;                /* answers that came whole */
    struct portrait_curve ttft_ns; /* from the moment the request could go */
    struct portrait_curve gap_ns;  /* between two chunks */
    struct portrait_curve content_tokens;
    struct portrait_curve reasoning_tokens; /* NULL: there was no reasoning */
    struct portrait_curve fault_after;      /* chunks before an answer broke */
    double tokens_per_chunk;                /* 1 or more */
    double cached;                          /* share of the prompts' tokens */
    uint64_t faults[PORTRAIT_FAULT_COUNT];
    struct portrait_status statuses[PORTRAIT_STATUSES_MAX];
    uint64_t others; /* failures that are none of these: no connection, say */
};

/* Where the gaps come from. */
enum portrait_gaps {
    PORTRAIT_GAPS_CHUNKS,     /* each was measured (histograms.hlog) */
    PORTRAIT_GAPS_ANSWERS,    /* the average of each answer */
    PORTRAIT_GAPS_PERCENTILES /* of all, as the other times: from summary.json alone */
};

struct portrait {
    struct portrait_model *models; /* owned; the first is all together */
    size_t count;                  /* 2 or more only where there were several models */
    enum portrait_gaps gaps;
};

/*
 * Reads a results folder, a samples.bin with the folder around it, or a summary.json.
 * Returns 0; -ENODATA: nobody asked a model there, or nobody was answered; -EBADMSG: no such file; -ENOMEM;
 * -errno. On failure reterr gets a sentence.
 */
int portrait_read(const char *path, struct buf *reterr, struct portrait **ret_portrait);

/* NULL is allowed. Returns NULL. */
struct portrait *portrait_free(struct portrait *portrait);

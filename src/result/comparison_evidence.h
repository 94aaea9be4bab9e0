/*
 * What a comparison draws its intervals from: the measured window of a run by stretches of time, of all requests and
 * of the values of some dimensions. It comes from samples.bin, or where that is not whole from the intervals of
 * histograms.hlog and the points of the timeline: these know no dimension, and no latency that was censored.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "measure/stretches.h"

struct run_files;

enum evidence_latency {
    EVIDENCE_TTFT,
    EVIDENCE_ICL, /* of all alone: gaps are in no sample */
    EVIDENCE_TPOT,
    EVIDENCE_E2E,
    EVIDENCE_OPERATION, /* from samples, and of all alone */
    EVIDENCE_LATENCIES,
};

enum evidence_sum {
    EVIDENCE_REQUESTS, /* that were sent */
    EVIDENCE_ENDED,    /* of them: by themselves */
    EVIDENCE_FAILED,   /* of these */
    EVIDENCE_TOKENS,   /* of answers */
    EVIDENCE_PUSD,     /* what they cost */
    EVIDENCE_GOOD,     /* operations that met their SLOs; of all alone */
    EVIDENCE_SUMS,
};

/* Values of dimensions that are told apart, at most. */
#define EVIDENCE_PARTS 64

struct evidence_part {
    char *key;   /* owned: "model" */
    char *value; /* owned */
    struct stretches *stretches;
};

enum evidence_source { EVIDENCE_NONE, EVIDENCE_INTERVALS, EVIDENCE_SAMPLES };

/* All zero: none. */
struct evidence {
    enum evidence_source source;
    struct stretches *all; /* NULL: there is none */
    struct evidence_part parts[EVIDENCE_PARTS];
    size_t part_count;
};

/* The source that a run has. */
enum evidence_source evidence_source_of(const struct run_files *run);

/*
 * Gathers it from a source that the run has. Returns 0; -EBADMSG: a file is damaged; -ENOMEM; -errno. To be released in
 * each case.
 */
int evidence_gather(struct evidence *evidence, const struct run_files *run,
                    enum evidence_source source);
void evidence_deinit(struct evidence *evidence);

/* The stretches of a value of a dimension, of all where key is NULL; NULL: there are none. */
const struct stretches *evidence_find(const struct evidence *evidence, const char *key,
                                      const char *value);

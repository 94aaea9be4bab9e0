/*
 * A snapshot: the counters of a run by combinations of labels, as of a moment, for who shows them
 * while the run goes on. What is kept by combination is little on purpose (fixed buckets and
 * counters), within a budget of series; what is beyond it counts as `other`.
 *
 * Taking one copies memory and nothing else, so that it may be done on the loop; what is made of it
 * (text, sums) can be made on another thread. It covers the whole run, warm-up included: who watches
 * wants to see that too.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "measure/buckets.h"
#include "measure/recorder.h"

/* Series that a worker shows at most, as Prometheus counts them: each bucket is one. */
#define SNAPSHOT_MAX_SERIES 5000

/* How a request ended. */
enum snapshot_outcome {
    SNAPSHOT_OK,
    SNAPSHOT_DEGRADED,
    SNAPSHOT_CANCELLED,
    SNAPSHOT_ABANDONED,
    SNAPSHOT_SABOTAGED,
    SNAPSHOT_FAILED,
    SNAPSHOT_OUTCOMES,
};

/* Tokens; the second and the fourth are part of the ones before them. */
enum snapshot_tokens {
    SNAPSHOT_PROMPT,
    SNAPSHOT_CACHED,
    SNAPSHOT_COMPLETION,
    SNAPSHOT_REASONING,
    SNAPSHOT_TOKENS,
};

/* What a cell is about. "" where requests have no such label; "other" past the budget. */
struct snapshot_key {
    const char *model;
    const char *backend;
    const char *step;
    const char *region;
    const char *org_id; /* of counters only */
};

/* Where the time of a whole stream goes; what they have in common is told by measure/model_tally.h. */
enum stream_stage {
    STAGE_CONNECTING,        /* handed to the network, to the first byte that could go */
    STAGE_QUEUE,             /* from there to the first output, less the next */
    STAGE_PROMPT_PROCESSING, /* reading the prompt, as the server itself says */
    STAGE_FIRST_OUTPUT,      /* the two together, where the server does not say */
    STAGE_DECODING,          /* the first output to the last */
    STAGE_CLOSING,           /* to the end of the stream */
    STAGE_COUNT,
};

/* "prompt_processing" */
const char *stream_stage_name(enum stream_stage stage);

struct stage_time {
    uint64_t count;
    uint64_t sum_ns;
};

/* Prompts by their size, as recorder's dimension prompt_size. */
#define SNAPSHOT_PROMPT_SIZES 6

/* The name of a size: "256-1023". */
const char *snapshot_prompt_size(size_t index);

/* What is kept of a model; of all past the budget together as "other". */
struct model_cell {
    const char *model;
    struct stage_time stages[STAGE_COUNT];
    struct buckets ttft[SNAPSHOT_PROMPT_SIZES]; /* by prompt size */
    struct buckets prompt_tokens;               /* of requests that had any */
    struct buckets completion_tokens;           /* likewise */
};

struct timing_cell {
    struct snapshot_key key;
    struct buckets buckets[BUCKETS_LABELLED_KINDS];
};

struct count_cell {
    struct snapshot_key key;
    uint64_t outcomes[SNAPSHOT_OUTCOMES]; /* requests that are over */
    uint64_t errors[OUTCOME_COUNT];       /* the failed by kind */
    uint64_t tokens[SNAPSHOT_TOKENS];
    int64_t cost_pusd;
    uint64_t slo_operations; /* operations that had SLOs */
    uint64_t slo_met;        /* of them: met all */
};

/* Empty at first: {0}. Its keys are borrowed for the recorder's life. */
struct snapshot {
    struct timing_cell *timings; /* the first is `other` */
    size_t timing_count;
    struct count_cell *counts; /* likewise */
    size_t count_count;
    struct model_cell *models; /* likewise */
    size_t model_count;
    struct check_view *checks; /* of the whole run; those of the plan first */
    size_t check_count;
    struct user_view *users; /* those that have series of their own, by ordinal */
    size_t user_count;
    struct user_view other_users; /* all others together */
    struct buckets client[BUCKETS_CLIENT_KINDS];
    uint64_t
        overflown; /* label sets and users that count as `other` for want of budget */

    struct counters totals;
    struct user_counts people; /* at this moment */
    uint64_t in_flight;
    struct client_view health;

    size_t timing_cap; /* how many of each there is room for */
    size_t count_cap;
    size_t model_cap;
    size_t user_cap;
    size_t check_cap;
};

/* Writes the run as it stands into a snapshot, whose memory is used again. Returns 0 or -ENOMEM. */
int snapshot_take(const struct recorder *recorder, uint64_t now_ns,
                  struct snapshot *snapshot);

/* All cells added up, for the checks at the end. */
struct snapshot_sums {
    uint64_t outcomes[SNAPSHOT_OUTCOMES];
    uint64_t errors; /* of all kinds */
    uint64_t slo_operations;
    uint64_t slo_met;
    uint64_t observations[BUCKETS_LABELLED_KINDS]; /* in the buckets of a kind */
};
void snapshot_sum(const struct recorder *recorder, struct snapshot_sums *ret_sums);

/* Releases its memory; it is empty and usable again. */
void snapshot_deinit(struct snapshot *snapshot);

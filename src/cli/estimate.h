/*
 * The estimate: what a plan would ask and cost, reckoned by running it in virtual time against a
 * server on paper. Of a large plan a share of the people is run, and the rest taken to be like them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

struct data;
struct plan;

/* What is assumed of a server that nobody asked. */
#define ESTIMATE_FIRST_TOKEN_NS (500 * NS_PER_MS)
#define ESTIMATE_TOKENS_PER_S 50.0 /* where models.X.theoretical_tps is not given */
#define ESTIMATE_BYTES_PER_TOKEN 4

struct estimate_model {
    uint64_t requests;
    uint64_t prompt_tokens; /* a quarter of the bytes */
    uint64_t completion_tokens;
    int64_t cost_pusd;
    int64_t
        worst_pusd; /* a token for each byte sent, every answer as long as it may be */
    uint64_t
        unbounded; /* requests without max_tokens: worst_pusd holds their prompts alone */
};

struct estimate {
    uint64_t requests;             /* of all kinds */
    uint64_t people_share;         /* one in so many people (arrivals) was run; 1: all */
    uint64_t arrivals;             /* of an open loop, of all … */
    uint64_t dropped;              /* … and of them: nobody was free for them in time */
    struct estimate_model *models; /* owned; as many as the plan has */
    size_t model_count;
    struct estimate_model sum;
};

/* Returns 0 or a negative errno. */
int estimate_of(const struct plan *plan, const struct data *data,
                struct estimate *ret_estimate);

void estimate_deinit(struct estimate *estimate);

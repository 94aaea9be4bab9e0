/*
 * The limits: when a run must end before its phases do, and whether one more request may be sent.
 * It reads no clock and stops nothing: it says.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "engine/failure_window.h"
#include "measure/run_view.h"

struct plan;
struct plan_limits;
struct sample;

/* So many refusals of the key and nothing else: it will not become better (FAULTS row 26). */
#define LIMITS_REFUSALS 20

/* The fields are private. */
struct limits {
    const struct plan_limits *plan;
    uint64_t most_sent;           /* this worker's share; UINT64_MAX: no limit */
    int64_t most_cost_pusd;       /* likewise; INT64_MAX */
    struct failure_window recent; /* of the error rate */
    uint64_t sent;
    uint64_t ended;
    uint64_t refused; /* 401 or 403 */
    int64_t spent_pusd;
    int64_t reserved_pusd;
    uint64_t longest_tokens; /* of all answers so far */
    uint64_t
        broken_attempts; /* in the first window whose error rate was too high; 0: none was */
    uint64_t broken_failed;
};

/* The plan's limits are borrowed. Of requests and money this worker has its share (plan_share()). */
void limits_init(struct limits *limits, const struct plan *plan);

/* Goes by other limits from now on. What was sent and spent counts on; the error rate begins anew. */
void limits_follow(struct limits *limits, const struct plan *plan);

/*
 * How many tokens of an answer are reserved: max_tokens; where that is 0 (no bound) as many as the longest
 * answer so far had, so that what is in flight near the limit is not forgotten; COST_ANSWER_TOKENS before the
 * first, so that a crowd that starts at once is not either.
 */
uint64_t limits_answer_tokens(const struct limits *limits, uint64_t max_tokens);

/*
 * Whether one more request may be sent whose worst case costs worst_pusd. STOP_NONE: yes.
 * Otherwise the limit that it would break: the run should stop for it.
 */
enum stop_reason limits_may_send(const struct limits *limits, int64_t worst_pusd);

/* It was sent: its worst case is reserved. */
void limits_sent(struct limits *limits, int64_t worst_pusd);

/*
 * It is over: what was reserved is replaced by what it cost, where usage told; without usage it
 * stays reserved, unless nothing ever went out. Returns the limit that is broken now, or STOP_NONE.
 */
enum stop_reason limits_over(struct limits *limits, const struct sample *sample,
                             int64_t worst_pusd);

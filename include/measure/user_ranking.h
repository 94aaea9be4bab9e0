/*
 * User rankings: of all users those who fared worst: whose requests failed most often, and who waited
 * longest. Over the whole run.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/histogram.h"
#include "measure/recorder.h"

#define USER_RANKING_MOST 10

/* One user, with what their latencies come to: of whole answers (e2e), off by 1/16 at most. */
struct ranked_user {
    struct user_view user;
    struct histogram_quantile p50;
    struct histogram_quantile p95;
    struct histogram_quantile max;
};

struct user_ranking {
    uint64_t
        count; /* users with a request that is over; those past RECORDER_USERS left out */
    uint64_t failed;                               /* of them: with one that failed */
    struct ranked_user failing[USER_RANKING_MOST]; /* most failures first */
    size_t failing_count;
    struct ranked_user slowest
        [USER_RANKING_MOST]; /* greatest p95 first; what never came is greater still */
    size_t slowest_count;
};

/* Those of a run so far. The latencies that the users point to are borrowed until the next write. */
void user_ranking_of(const struct recorder *recorder, struct user_ranking *ret_ranking);

/* A user with their latencies. */
struct ranked_user user_ranking_look(const struct user_view *user);

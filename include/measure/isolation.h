/*
 * Isolation: whether an organization that has spent its budget was refused alone, or others had to suffer
 * with it: were refused too, failed more often, or waited longer from the first refusal on. Over the whole
 * run, of platforms whose organizations have budgets.
 *
 * What became worse is told from chance: shares of failures by the two-proportion z-test, mean latencies by
 * Welch's interval, and a mean must also be a tenth greater. That chance makes any of the others look harmed
 * has a probability of 2.5% over all of these tests together (Bonferroni), not in each of them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recorder;

#define ISOLATION_MOST                                                                   \
    64 /* organizations that are told apart; those after them are not judged */

enum isolation_time { ISOLATION_BEFORE, ISOLATION_AFTER, ISOLATION_TIMES };

/* One organization before and after the first refusal of any; moments in monotonic ns. */
struct isolation_stretch {
    uint64_t
        requests; /* that ended by themselves, but for those that were refused for money */
    uint64_t failed;  /* of them */
    uint64_t answers; /* whose e2e is known */
    double sum_ms;    /* of e2e, and of its square */
    double squares;
};

struct isolation_part {
    const char *organization; /* label org_id; borrowed from the recorder */
    uint64_t throttled;       /* refused since its money was spent */
    uint64_t first_ns;        /* the first of them; 0: none */
    int64_t cost_pusd;
    int64_t budget_pusd; /* 0: it has none */
    struct isolation_stretch times[ISOLATION_TIMES];
    /* The verdict on it. */
    bool leaked;     /* refused without having spent its money */
    bool fails_more; /* surely failed more often afterwards */
    bool is_slower;  /* surely waited longer afterwards */
};

struct isolation {
    bool is_known; /* the platform has budgets, and organizations were at work */
    struct isolation_part parts[ISOLATION_MOST];
    size_t count;
    size_t throttled; /* organizations that were refused */
    size_t harmed; /* that leaked or became worse without having spent their own money */
    uint64_t first_ns; /* the first refusal of all; 0: none */
    double share;      /* of the organizations: not harmed */
};

/* What came out so far. */
void isolation_of(const struct recorder *recorder, struct isolation *ret_isolation);

struct buf;

/*
 * Appends one sentence: "only loadtest-org-2 was throttled (132 requests, from 41.0 s on); the others: none"
 * or what leaked. started_ns: of the run.
 */
void isolation_say(const struct isolation *isolation, uint64_t started_ns,
                   struct buf *out);

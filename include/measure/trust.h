/*
 * Trust: what the load generator knows of its own lateness → a grade from A to F with reasons, the
 * worst of several (PRODUCT MSR-6, doc/metrics.md). A says that the client's own part in the
 * figures is too small to matter; F, that they should not be used. Pure: it reads a recorder and
 * what its caller found out elsewhere.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recorder;

/* Best first, so that the greater one is the worse. */
enum trust_grade { TRUST_A, TRUST_B, TRUST_C, TRUST_D, TRUST_F };

/* 'A', 'B', 'C', 'D' or 'F'. */
char trust_letter(enum trust_grade grade);

/* The grade of a letter. Returns 0; -EINVAL for anything but one of these letters. */
int trust_grade_of(const char *letter, enum trust_grade *ret_grade);

/* What the recorder cannot know. All zero: nothing of it happened. */
struct trust_inputs {
    bool is_over;        /* the run: only then it can be said that nothing was measured */
    uint64_t elapsed_ns; /* from the run's start until now, or until its end */
    uint64_t throttled_ns; /* of it: the kernel held the process back, by a CPU quota */
    uint64_t cpu_wait_ns; /* of it: ready to run, and others had the CPU; evidence only */
    uint64_t load_end_ns; /* monotonic: now, or when the load ended */
    uint64_t samples_dropped; /* attempts that are not in samples.bin */
    size_t broken_checks;     /* check_recorder(); 0 while the run goes on */
};

/* What is graded. Each gives at most one reason. */
enum trust_rule {
    TRUST_RULE_SCHEDULE_LAG, /* p99 of how late requests left */
    TRUST_RULE_SEND_DELAY,   /* p99 of sent → wire, over the median of ttft or e2e */
    TRUST_RULE_TTFT_WIDTH,   /* p99 of how much too long ttft may be, over its median */
    TRUST_RULE_E2E_WIDTH,    /* likewise of e2e, where answers come in one piece */
    TRUST_RULE_ICL_WIDTH,    /* p99 of how far off a gap may be, over the median of icl */
    TRUST_RULE_CHUNKS,       /* share of chunks whose arrival is not known */
    TRUST_RULE_STALLS,       /* share of the window in which the loop stood still */
    TRUST_RULE_THROTTLED,    /* share of the run in which the kernel held it back */
    TRUST_RULE_DROPPED,
    TRUST_RULE_CHECKS,
    TRUST_RULE_NOTHING, /* the run is over, and no request ended within the window */
    TRUST_RULE_COUNT,
};

/* Snake-case name for results: "schedule_lag". */
const char *trust_rule_name(enum trust_rule rule);

/* Something that keeps the grade from A. */
struct trust_reason {
    enum trust_rule rule;
    enum trust_grade grade; /* B to F: what it would be for this reason alone */
    char sentence[320];     /* whole ones, with its figure, and what to do */
};

struct trust {
    enum trust_grade grade;
    size_t reason_count;
    struct trust_reason reasons[TRUST_RULE_COUNT]; /* the worst first */
};

/*
 * Judges the measured window so far. Takes well below 1 ms (some percentiles of the totals): a live
 * view may ask once a second.
 */
void trust_of(const struct recorder *recorder, const struct trust_inputs *inputs,
              struct trust *ret_trust);

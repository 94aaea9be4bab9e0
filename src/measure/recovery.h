/*
 * The time to recover from a spike: latencies of what was due after it → the moment from which they
 * are good again. include/measure/spike.h has the rule. Reads no clock, does no I/O.
 *
 * Kept is one point of 12 bytes per request, of so many at most; what is due later is not looked at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;
struct recorder;
struct sample;

#define RECOVERY_POINTS_MAX ((size_t)1 << 18)

/* One request due after the spike: its ttft where it streamed, else its e2e. */
struct recovery_point {
    uint32_t due_ms; /* after the spike's end */
    uint32_t latency_us;
    bool streamed;
    bool censored;  /* latency_us is what it waited */
    bool withdrawn; /* by throng: only a long wait says anything about the server */
};

/* The phase behind one spike. */
struct recovery {
    size_t spike;     /* index of the phase */
    uint64_t from_ns; /* the spike's end, monotonic */
    uint64_t until_ns;
    struct recovery_point *points;
    size_t count;
    size_t cap;
};

struct recoveries {
    struct recovery *each; /* in the order of the phases */
    size_t count;
};

/* Makes room for the spikes of a plan that starts at started_ns. Returns 0 or -ENOMEM. */
int recoveries_init(struct recoveries *recoveries, const struct plan *plan,
                    uint64_t started_ns);
void recoveries_deinit(struct recoveries *recoveries);

/*
 * The spikes of another plan from now on; what was seen behind a spike that both have, at the same time,
 * stays. Returns 0 or -ENOMEM: then nothing has changed.
 */
int recoveries_follow(struct recoveries *recoveries, const struct plan *plan,
                      uint64_t started_ns);

/* An attempt is over. Returns whether there was memory for it. */
bool recoveries_add(struct recoveries *recoveries, const struct sample *sample);

/* Adds a point, unless there are RECOVERY_POINTS_MAX. Returns whether there was memory for it. */
bool recovery_add_point(struct recovery *recovery, struct recovery_point point);

/* Which requests to look at, and when they are good. */
struct recovery_rule {
    bool streamed;
    uint64_t limit_ns;
    uint64_t until_ns; /* the load's end */
};

/* What was found. */
enum recovery_found { RECOVERY_FOUND, RECOVERY_NOT_FOUND, RECOVERY_TOO_FEW };

/* ret_after_ns is written for RECOVERY_FOUND. Sorts the points. */
enum recovery_found recovery_find(struct recovery *recovery,
                                  const struct recovery_rule *rule,
                                  uint64_t *ret_after_ns);

/* Those of a recorder, by recorder.c. */
const struct recoveries *recorder_recoveries(const struct recorder *recorder);

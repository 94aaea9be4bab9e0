/*
 * The Pushgateway: figures of a run are pushed to it while the run goes on, under the grouping key
 * job, test_run, worker_pod. When it is over, what came out is pushed under the key job (with `_result` behind
 * it) and scenario, where it stays until the next run of the scenario. On the loop only figures are taken; text and transfer are a job of the
 * threadpool, on a connection of its own, one at a time. What cannot be pushed is told and counted,
 * and never holds up the load; the end waits for the last push no longer than its time-out.
 */
#pragma once

#include <uv.h>

#include "output/exposition.h"
#include "output/probe.h"

struct plan_pushgateway;
struct pushgateway;
struct verdicts;

/*
 * Hears when pushes begin to fail, when they go through again, and when the group could not be
 * deleted: a sentence, borrowed.
 */
typedef void pushgateway_tell_fn(void *ctx, const char *sentence);

/* All is borrowed for its life. */
struct pushgateway_options {
    const struct plan_pushgateway *plan;
    struct exposition_options exposition;
    bool strict; /* a last push that failed speaks against the run */
    pushgateway_tell_fn *tell;
    void *ctx;
};

/* Returns 0 or -ENOMEM. */
int pushgateway_new(uv_loop_t *loop, const struct pushgateway_options *options,
                    struct pushgateway **ret_gateway);

/* As a probe: the first push is at the start, the last at the end; then the group may be deleted. */
struct probe pushgateway_probe(struct pushgateway *gateway);

/* What became of pushes, as long as it lives. */
const struct push_counts *pushgateway_counts(const struct pushgateway *gateway);

/* Lets go of it; the memory is released from the loop. NULL is allowed. Returns NULL. */
struct pushgateway *pushgateway_close(struct pushgateway *gateway);

/*
 * Whether it can be reached and takes the credentials: a verdict (113) with advice where not. Waits
 * for at most the time-out of a push.
 */
void pushgateway_check(const struct plan_pushgateway *plan, struct verdicts *verdicts);

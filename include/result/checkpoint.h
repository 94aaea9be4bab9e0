/*
 * checkpoint.json: the summary of a run so far, written again every few seconds while the run goes on,
 * so that one that is killed loses no more than those. It is a document as summary.json is.
 *
 *   waiting ─(every CHECKPOINT_NS)─▶ copying the recorder, a slice a turn ─▶ the pool judges, builds,
 *      ▲                                    (on the loop)                     writes ─┐
 *      └──────────────────────────────────────────────────────────────────────────────┘
 *
 * The loop is held for one slice, which takes some 0.1 ms, and nothing waits for the pool. Memory:
 * that of the recorder once more.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <uv.h>

#include "result/facts.h"

struct checkpoint;
struct recorder;
struct result_folder;
struct verdicts;

/* From the beginning of one to that of the next; the first comes after CHECKPOINT_FIRST_NS. */
#define CHECKPOINT_NS UINT64_C(3000000000)
#define CHECKPOINT_FIRST_NS UINT64_C(1000000000)

struct checkpoint_options {
    uv_loop_t *loop;
    struct result_folder *folder;
    const struct plan *plan; /* borrowed, like the others */
    const struct recorder *recorder;
    /*
     * On the loop: the facts so far, with trust and the costs of the CPU. What is pointed to is copied
     * before the loop goes on, but for what never changes. Thresholds and verdicts are not asked for.
     */
    struct run_facts (*gather)(void *ctx);
    /* On the pool: adds what speaks against the run so far. It may read nothing but the facts. */
    void (*judge)(const struct run_facts *facts, struct verdicts *verdicts);
    void *ctx; /* of gather */
};

/* Returns 0 or -ENOMEM. */
int checkpoint_new(const struct checkpoint_options *options,
                   struct checkpoint **ret_checkpoint);

/* Begins a checkpoint where one is due. Often called, it does nothing most of the time. */
void checkpoint_tick(struct checkpoint *checkpoint, uint64_t now_ns);

/*
 * Begins no more of them. What the pool has begun goes on; once checkpoint_is_closed(), which keeps
 * the loop alive until then, it may be freed. NULL is allowed.
 */
void checkpoint_close(struct checkpoint *checkpoint);
bool checkpoint_is_closed(const struct checkpoint *checkpoint);

/* Closed, or never ticked. NULL is allowed. Returns NULL. */
struct checkpoint *checkpoint_free(struct checkpoint *checkpoint);

/* Of the last that was tried: 0 or a negative errno. */
int checkpoint_error(const struct checkpoint *checkpoint);
/* How many were written. */
uint64_t checkpoint_count(const struct checkpoint *checkpoint);

/*
 * An attempt: one request from its first byte to its answer's last, and the sample it makes. It
 * hears the transport, keeps the moments, and tells its user when it is over.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "api/reader.h"
#include "base/buf.h"
#include "engine/circuits.h"
#include "engine/ending.h"
#include "engine/moments.h"
#include "engine/pacer.h"
#include "engine/replaying.h"
#include "engine/retry.h"
#include "engine/vigil.h"
#include "measure/sample.h"
#include "workload/turn.h"

struct api_dialect;
struct conversation;
struct engine;
struct findings;
struct plan_model;
struct plan_step;
struct transfer;
struct user;

/* Of what is answered, so much is kept for those who want to see the bodies. */
#define ATTEMPT_HEARD_BYTES ((size_t)4096)

/* Memory that lives while a request does. Written by attempt.c, asking.c, answer.c and settlement.c only. */
struct attempt {
    struct engine *engine;
    struct user *user;
    struct attempt *next; /* in the pool */
    const struct plan_step *step;
    const struct api_dialect *dialect; /* NULL: plain http */
    struct transfer *transfer;         /* NULL when not in flight */
    struct conversation *conversation; /* of a chat that took its turn */
    struct sample sample;
    struct api_reader reader;
    struct moments moments;
    struct ending ending;
    struct pacer_timer timer; /* vigil's */
    struct vigil vigil;
    enum transfer_end break_as; /* how chaos ends it */
    uint32_t chunks_wanted;     /* the person leaves with that one; 0: they stay */
    struct circuit_turn circuit;
    struct retry_told retry_told;
    struct buf body;    /* of the request */
    struct buf answer;  /* one in one piece, or the first bytes of one that is none */
    struct buf text;    /* the words of one, where the step looks at them */
    struct buf wording; /* URL, token and headers that templates made (wording.h) */
    struct buf heard;   /* the first bytes of any, where the observer wants the bodies */
    const char *backend_header; /* the target's, NULL: none */
    const char *detail;         /* what the transport says of its end, borrowed from it */
    uint64_t prompt_bytes;
    uint64_t answer_from_bytes;     /* what the conversation held before */
    struct turn turn;               /* what is said, of one that asks a model */
    const struct plan_model *model; /* which is asked; NULL: none, or nobody knows */
    struct replayed replayed;       /* the request that was recorded, if it is one */
    int64_t worst_pusd;
    const char *url;           /* where it was sent; NULL: not yet. Borrowed */
    struct findings *findings; /* owned, kept for another use; NULL: never needed */
    uint32_t target;           /* index into the plan's, once it was to be sent */
    uint8_t needs;             /* of enum script_need: what its step looks at */
    int error;                 /* of making it */
};

/*
 * Makes ready the request of the user's operation; their turn of the conversation begins. What
 * goes wrong with its words is told when it is sent. Returns 0 or -ENOMEM.
 */
int attempt_new(struct user *user, struct attempt **ret_attempt);

/*
 * Only when it is not in flight. One that was not sent leaves its turn in a conversation that is
 * about to be forgotten with it. NULL is allowed. Returns NULL.
 */
struct attempt *attempt_free(struct attempt *attempt);

/*
 * Hands it to the network. Returns 0, and user_attempt_over() follows later; or -errno when this
 * machine cannot send it, or its target's circuit is open: then the sample is recorded, and nothing
 * follows.
 */
int attempt_send(struct attempt *attempt, uint64_t now_ns);

/* Whether it was sent and is not over. */
bool attempt_in_flight(const struct attempt *attempt);

/* Ends it on throng's part; user_attempt_over() follows. */
void attempt_cancel(struct attempt *attempt);

/* What it can cost at most, in pico-dollars. */
int64_t attempt_worst_pusd(const struct attempt *attempt);

/* What the server asked for before another attempt. */
const struct retry_told *attempt_retry_told(const struct attempt *attempt);

/* The sample, written when it is over. */
const struct sample *attempt_sample(const struct attempt *attempt);

/* Attempts that are kept for another use. All zero: none. */
struct attempt_pool {
    struct attempt *first;
    uint32_t count;
};

/* Releases those kept. */
void attempt_pool_deinit(struct attempt_pool *pool);

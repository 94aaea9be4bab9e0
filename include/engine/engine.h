/*
 * The engine: plan + time → load. It keeps the wanted number of people at work, steps each through
 * their program, paces everything on one heap of absolute deadlines, watches the limits, and
 * writes what happens into a recorder. It knows no YAML, no sockets and no outputs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "measure/run_view.h"
#include "measure/sample.h"

struct data;
struct engine;
struct errand_giver;
struct plan;
struct plan_phase;
struct roster;
struct variables;
struct world;

/*
 * What was sent and answered: printable, cut at 4 KiB, stars over keys and over what is named like
 * one. Of a stream, the data of its events, one behind the other. "" where there was nothing.
 */
struct engine_bodies {
    const char *request;
    const char *answer;
};

/* Hears of the run. Calls come from the loop; each must return soon and never from inside engine_*. */
struct engine_observer {
    void *ctx;
    /* An attempt is over; the sample is borrowed. Called for each, also outside the window. */
    void (*on_sample)(void *ctx, const struct sample *sample);
    /*
     * Behind on_sample, for one that failed: what is known of it beside its outcome, in printable
     * words without the key ("Connection refused", the server's message, the first bytes of a page
     * that is no answer), or "". NULL is allowed.
     */
    void (*on_failure)(void *ctx, const struct sample *sample, const char *detail);
    /*
     * Behind on_sample: what was sent and answered. NULL: bodies are not kept at all. Only for those
     * who want to look at few requests: it copies and allocates.
     */
    void (*on_bodies)(void *ctx, const struct sample *sample,
                      const struct engine_bodies *bodies);
    /*
     * An event of a streamed answer came, before its attempt's on_sample. NULL: nobody wants to know; it
     * is called for each chunk.
     */
    void (*on_chunk)(void *ctx, const struct chunk *chunk);
    /* A circuit breaker opened, lets probes through, or closed. NULL is allowed. */
    void (*on_circuit)(void *ctx, const struct circuit_view *circuit);
    /*
     * Something that the scenario could do better, told once for each such thing: a sentence.
     * NULL is allowed.
     */
    void (*on_warning)(void *ctx, const char *sentence);
    /* The run entered another state or phase. */
    void (*on_phase)(void *ctx, const struct run_view *view);
    /* run_control.mark was called; text is borrowed. NULL is allowed. */
    void (*on_mark)(void *ctx, const char *text, uint64_t now_ns);
    /* All is over: nothing is in flight, and no other call follows. */
    void (*on_done)(void *ctx, const struct run_view *view);
};

/* What an engine is there for. */
enum engine_stage {
    ENGINE_LOAD, /* the phases with all their users */
    /*
     * The plan's run-wide setup or teardown: one person goes once through its program, nothing is
     * measured, and on_done follows. The first request that fails ends a setup; a teardown goes on.
     */
    ENGINE_SETUP,
    ENGINE_TEARDOWN,
    /*
     * Errands that somebody gives (engine/errand.h), so many at once: for tenants that are made and
     * removed, and once for each organization. Likewise not measured.
     */
    ENGINE_MAKE,
    ENGINE_REMOVE,
    ENGINE_ORGANIZATION_SETUP,
    ENGINE_ORGANIZATION_TEARDOWN,
};

struct engine_options {
    enum engine_stage stage;
    const struct plan *plan; /* borrowed, like all below, for the engine's life */
    const struct data *data; /* rows of feeders and datasets; NULL: the plan has none */
    const struct roster *roster; /* NULL: everybody acts with the target's key */
    struct world *world;
    struct recorder *recorder;
    struct engine_observer observer;
    const char *run_id; /* in the correlation ids */
    uint64_t nonce;     /* of the run: makes its questions unlike another run's */
    const struct variables *found;    /* by the run's setup; NULL: there was none */
    struct variables *finding;        /* of ENGINE_SETUP: gets what was found */
    const struct errand_giver *giver; /* of errands; NULL in the other stages */
    uint64_t errands_at_once;         /* at least 1 */
    bool
        is_on_paper; /* nobody really answers: what is taken from answers is a placeholder */
};

/* Returns 0; -ENOMEM; -EINVAL when the plan asks for what this engine cannot do. */
int engine_new(const struct engine_options *options, struct engine **ret_engine);

/* Only when nothing is in flight (after on_done, or before engine_start). NULL is allowed. */
struct engine *engine_free(struct engine *engine);

/* Begins the load at now. */
void engine_start(struct engine *engine);

/*
 * Starts nothing new from now on. Requests in flight may finish within graceful_ns, then they are
 * cancelled. A second call can only shorten the time. on_done follows.
 */
void engine_stop(struct engine *engine, enum stop_reason reason, uint64_t graceful_ns);

/*
 * Goes on with another plan, which is the first one's but for load, limits, thresholds and think times:
 * the new curve is read at the same load time. Borrowed; the plan before it must stay too. Returns 0;
 * -EINVAL where the run stops already, or cannot follow.
 */
int engine_reload(struct engine *engine, const struct plan *plan);

/*
 * Puts a phase behind the last one, from whose level it starts; its name is borrowed for the
 * engine's life. Returns 0; -ENOMEM; -EINVAL when the last phase is over.
 */
int engine_append_phase(struct engine *engine, const struct plan_phase *phase);

/*
 * Ends the phase at hand now: the next one begins, or the load is over. With engine_append_phase() a load
 * is made while it runs. Returns 0; -EINVAL where there is no phase at hand.
 */
int engine_leave_phase(struct engine *engine);

/*
 * The correlation id of an attempt, as it was sent in X-Request-ID: "RUN-WORKER-OPERATION-ATTEMPT".
 * Cut at size.
 */
void engine_request_id(const struct engine *engine, const struct sample *sample,
                       char *text, size_t size);

/*
 * Of a setup or teardown that is over: what went wrong in it, "login: http_5xx (status 500): …";
 * NULL: nothing did. One that was cut short has its reason in the view.
 */
const char *engine_problem(const struct engine *engine);

/* What the engine saw of itself. */
struct engine_stats {
    uint64_t timers;    /* deadlines that were run */
    uint64_t catch_ups; /* wake-ups that could not run all that was due */
};
void engine_stats(const struct engine *engine, struct engine_stats *ret_stats);

/* The run as it stands, borrowed until the next call. */
const struct run_view *engine_view(struct engine *engine);

/* What may be asked of the run. */
struct run_control engine_control(struct engine *engine);

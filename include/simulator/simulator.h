/*
 * A scripted LLM platform on a libuv loop: requests in the form of the providers' APIs → answers of
 * made up words, at the times and with the faults that its options say. Written from the providers'
 * documents alone: it shares no code with what speaks to platforms (module api), so that one
 * misreading cannot stand in both.
 *
 *   POST /v1/chat/completions, /v1/completions, /v1/responses   OpenAI's, plain and streamed
 *   POST /v1/messages                Anthropic's, plain and streamed
 *   POST /v1/embeddings
 *   POST, DELETE /mcp                tools over MCP's streamable HTTP
 *   POST /query, /index              a RAG stack
 *   /api/v1/…                        a web API: accounts, agents, pipelines, deployments, metrics
 *   /v1/orgs/…                       a tenant API: organizations, users, keys, budgets
 *   GET  /v1/models, /v1/models/{id}
 *   GET  /health, /v1/health, /api/v1/health
 *   GET  /metrics  in the words of vLLM
 *
 * A request's id is its X-Request-ID (up to 128 letters, digits and "._:-"), else one made here;
 * the answer carries it as x-request-id and within its own id ("chatcmpl-" + id).
 * Prompt tokens are estimated: a quarter of the bytes of each text (rounded up), plus 3 for each
 * message, 85 for each image and 3 for a chat.
 * The words of an answer depend on the seed and the messages; times and faults on the seed and the
 * count of requests before.
 */
#pragma once

#include <stdint.h>

#include <uv.h>

#include "simulator/options.h"

struct buf;
struct simulator;

typedef void simulator_stopped_fn(void *ctx);

/* What has happened so far. Each request is in `requests` and in at most one of the others. */
struct simulator_counts {
    uint64_t requests; /* complete requests of all kinds */
    uint64_t answered; /* generations that reached their end */
    uint64_t refused;  /* answered with a status from 400, for whatever reason */
    uint64_t
        broken; /* answers that a fault ended: reset, truncated, stopped by an error */
    uint64_t abandoned; /* generations whose client left */
    uint64_t active;    /* generations that are being served now */
    uint64_t waiting;   /* generations that wait for their turn now */
    uint64_t active_peak;
    uint64_t waiting_peak;
    uint64_t chunks; /* events with tokens, written */
    uint64_t late;   /* of what was due at some time: more than 1 ms behind it */
    uint64_t late_max_ns;
};

/*
 * Listens and answers while the loop runs. options: borrowed until simulator_free(); the program
 * ignores SIGPIPE.
 * Returns 0; -EINVAL: options contradict each other; -ENOMEM; or what open(2), bind(2) and listen(2)
 * say. On failure reterr gets a sentence.
 */
int simulator_new(uv_loop_t *loop, const struct simulator_options *options,
                  struct buf *reterr, struct simulator **ret_simulator);

/* Where it listens: "http://127.0.0.1:40123". */
void simulator_url(const struct simulator *simulator, char url[static 64]);

/*
 * Takes no more requests, lets running answers end for up to grace_ms, writes the ground truth
 * out; stopped is called once, later. A second call only shortens the grace.
 */
void simulator_stop(struct simulator *simulator, uint64_t grace_ms,
                    simulator_stopped_fn *stopped, void *ctx);

/* Releases a simulator that was stopped. NULL is allowed. Returns NULL. */
struct simulator *simulator_free(struct simulator *simulator);

/* A copy of the counts at this moment. */
struct simulator_counts simulator_counts(const struct simulator *simulator);

/* 0, or why the ground truth is incomplete (-ENOSPC, …). */
int simulator_truth_error(const struct simulator *simulator);

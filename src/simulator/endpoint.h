/*
 * The paths that the platform has: one handler each, one file for what belongs together. A new
 * endpoint is a file and a line in endpoint.c.
 */
#pragma once

#include "simulator/exchange.h"

/* Answers, or begins what will. */
typedef void endpoint_fn(struct exchange *exchange);

endpoint_fn chat_complete;     /* POST /v1/chat/completions */
endpoint_fn completion_create; /* POST /v1/completions */
endpoint_fn responses_create;  /* POST /v1/responses */
endpoint_fn messages_create;   /* POST /v1/messages */
endpoint_fn embedding_create;  /* POST /v1/embeddings */
endpoint_fn models_list;       /* GET /v1/models */
endpoint_fn models_show;       /* GET /v1/models/{id} */
endpoint_fn health_show;       /* GET /health */
endpoint_fn metrics_show;      /* GET /metrics */

/* Finds the handler of a request and runs it, unless the key, an outage or a fault comes first. */
void endpoint_dispatch(struct exchange *exchange);

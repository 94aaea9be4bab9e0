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
endpoint_fn mcp_post;          /* POST /mcp */
endpoint_fn mcp_delete;        /* DELETE /mcp */
endpoint_fn rag_query;         /* POST /query */
endpoint_fn rag_index;         /* POST /index */
endpoint_fn web_register;      /* POST /api/v1/auth/register */
endpoint_fn web_login;         /* POST /api/v1/auth/login */
endpoint_fn web_logout;        /* POST /api/v1/auth/logout */
endpoint_fn web_me;            /* GET /api/v1/auth/me */
/* /api/v1/agents and /api/v1/pipelines: GET, POST; and of one: GET, PUT, DELETE */
endpoint_fn web_items_list;
endpoint_fn web_items_add;
endpoint_fn web_item_show;
endpoint_fn web_item_change;
endpoint_fn web_item_remove;
endpoint_fn web_deploy;  /* POST /api/v1/deployments */
endpoint_fn web_metrics; /* GET /api/v1/metrics */
/* /v1/orgs: GET, POST; and of one: GET, PATCH, DELETE */
endpoint_fn tenant_organizations_list;
endpoint_fn tenant_organizations_add;
endpoint_fn tenant_organization_show;
endpoint_fn tenant_organization_change;
endpoint_fn tenant_organization_remove;
endpoint_fn tenant_users_invite; /* POST /v1/orgs/{slug}/invites */
endpoint_fn tenant_users_list;   /* GET /v1/orgs/{slug}/users */
endpoint_fn tenant_user_remove;  /* DELETE /v1/orgs/{slug}/users/{id} */
/* /v1/orgs/{slug}/users/{id}/keys: GET, POST; and of one: DELETE */
endpoint_fn tenant_keys_list;
endpoint_fn tenant_keys_add;
endpoint_fn tenant_key_remove;
endpoint_fn models_list;  /* GET /v1/models */
endpoint_fn models_show;  /* GET /v1/models/{id} */
endpoint_fn health_show;  /* GET /health */
endpoint_fn metrics_show; /* GET /metrics */

/* Finds the handler of a request and runs it, unless the key, an outage or a fault comes first. */
void endpoint_dispatch(struct exchange *exchange);

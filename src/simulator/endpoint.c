#include "simulator/endpoint.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "simulator/instance.h"
#include "simulator/tenants.h"

/* Who may ask. */
enum endpoint_access {
    ENDPOINT_OPEN,  /* everybody */
    ENDPOINT_KEYED, /* who brings the key, where one is set, or a tenant's */
    ENDPOINT_ADMIN  /* who brings the administrator's, where one is set */
};

/* A whole answer's time: where the options have it. */
#define TIME(member) offsetof(struct simulator_options, member)
#define AT_ONCE 0

static const struct endpoint {
    struct serve_route route; /* first, for serve_route_find() */
    enum endpoint_access access;
    enum simulator_service service; /* SIMULATOR_SERVICE_COUNT: of none */
    enum voice voice;
    size_t time; /* TIME() or AT_ONCE */
    endpoint_fn *handle;
} endpoints[] = {
#define MODEL(service) ENDPOINT_KEYED, service, VOICE_OPENAI, AT_ONCE
#define MESSAGES ENDPOINT_KEYED, SIMULATOR_MESSAGES, VOICE_ANTHROPIC, AT_ONCE
#define EMBEDDINGS ENDPOINT_KEYED, SIMULATOR_EMBEDDINGS, VOICE_OPENAI, TIME(embedding)
#define MCP ENDPOINT_KEYED, SIMULATOR_MCP, VOICE_JSON_RPC, AT_ONCE
#define RAG(time) ENDPOINT_KEYED, SIMULATOR_RAG, VOICE_PLAIN, TIME(time)
/* Its handlers ask for tokens of their own. */
#define WEB ENDPOINT_OPEN, SIMULATOR_WEB, VOICE_PLAIN, TIME(web)
#define TENANTS ENDPOINT_ADMIN, SIMULATOR_TENANTS, VOICE_OPENAI, TIME(tenants)
/* Nothing but an outage of the whole platform breaks these. */
#define ALL ENDPOINT_OPEN, SIMULATOR_SERVICE_COUNT, VOICE_OPENAI, AT_ONCE
    {{"POST", "/v1/chat/completions"}, MODEL(SIMULATOR_CHAT), chat_complete},
    {{"POST", "/v1/completions"}, MODEL(SIMULATOR_COMPLETIONS), completion_create},
    {{"POST", "/v1/responses"}, MODEL(SIMULATOR_RESPONSES), responses_create},
    {{"POST", "/v1/messages"}, MESSAGES, messages_create},
    {{"POST", "/v1/embeddings"}, EMBEDDINGS, embedding_create},
    {{"GET", "/v1/models"}, MODEL(SIMULATOR_MODELS), models_list},
    {{"GET", "/v1/models/{id}"}, MODEL(SIMULATOR_MODELS), models_show},
    {{"POST", "/mcp"}, MCP, mcp_post},
    {{"DELETE", "/mcp"}, MCP, mcp_delete},
    {{"POST", "/query"}, RAG(rag_query), rag_query},
    {{"POST", "/index"}, RAG(rag_index), rag_index},
    {{"POST", "/api/v1/auth/register"}, WEB, web_register},
    {{"POST", "/api/v1/auth/login"}, WEB, web_login},
    {{"POST", "/api/v1/auth/logout"}, WEB, web_logout},
    {{"GET", "/api/v1/auth/me"}, WEB, web_me},
    {{"GET", "/api/v1/agents"}, WEB, web_items_list},
    {{"POST", "/api/v1/agents"}, WEB, web_items_add},
    {{"GET", "/api/v1/agents/{id}"}, WEB, web_item_show},
    {{"PUT", "/api/v1/agents/{id}"}, WEB, web_item_change},
    {{"DELETE", "/api/v1/agents/{id}"}, WEB, web_item_remove},
    {{"GET", "/api/v1/pipelines"}, WEB, web_items_list},
    {{"POST", "/api/v1/pipelines"}, WEB, web_items_add},
    {{"GET", "/api/v1/pipelines/{id}"}, WEB, web_item_show},
    {{"PUT", "/api/v1/pipelines/{id}"}, WEB, web_item_change},
    {{"DELETE", "/api/v1/pipelines/{id}"}, WEB, web_item_remove},
    {{"POST", "/api/v1/deployments"}, WEB, web_deploy},
    {{"GET", "/api/v1/metrics"}, WEB, web_metrics},
    {{"GET", "/v1/orgs"}, TENANTS, tenant_organizations_list},
    {{"POST", "/v1/orgs"}, TENANTS, tenant_organizations_add},
    {{"GET", "/v1/orgs/{slug}"}, TENANTS, tenant_organization_show},
    {{"PATCH", "/v1/orgs/{slug}"}, TENANTS, tenant_organization_change},
    {{"DELETE", "/v1/orgs/{slug}"}, TENANTS, tenant_organization_remove},
    {{"POST", "/v1/orgs/{slug}/invites"}, TENANTS, tenant_users_invite},
    {{"GET", "/v1/orgs/{slug}/users"}, TENANTS, tenant_users_list},
    {{"DELETE", "/v1/orgs/{slug}/users/{id}"}, TENANTS, tenant_user_remove},
    {{"GET", "/v1/orgs/{slug}/users/{id}/keys"}, TENANTS, tenant_keys_list},
    {{"POST", "/v1/orgs/{slug}/users/{id}/keys"}, TENANTS, tenant_keys_add},
    {{"DELETE", "/v1/orgs/{slug}/users/{id}/keys/{key}"}, TENANTS, tenant_key_remove},
    {{"GET", "/api/v1/health"}, ALL, health_show},
    {{"GET", "/v1/health"}, ALL, health_show},
    {{"GET", "/health"}, ALL, health_show},
    {{"GET", "/metrics"}, ALL, metrics_show},
#undef MODEL
#undef MESSAGES
#undef EMBEDDINGS
#undef MCP
#undef RAG
#undef WEB
#undef TENANTS
#undef ALL
};

/* What a request meets in an outage. */
static void break_down(const struct exchange *exchange)
{
    const int status = exchange->simulator->options->outage_status;

    exchange_note_fault(exchange, TRUTH_FAULT_OUTAGE);
    if (status != SIMULATOR_RESET) {
        exchange_refuse_status(exchange, status);
    } else {
        exchange->simulator->counts.broken++;
        serve_abort(exchange->request, SERVE_ABORT_RESET);
    }
}

static enum serve_route_result find(struct exchange *exchange)
{
    size_t len;
    const char *path = serve_request_path(exchange->request, &len);

    return serve_route_find(&endpoints[0].route, COUNT_OF(endpoints),
                            sizeof(endpoints[0]), serve_request_method(exchange->request),
                            path, len, &exchange->match);
}

/* Says that there is no such path, or no such method on it. */
static void refuse_route(struct exchange *exchange, enum serve_route_result result)
{
    const char *method = serve_request_method(exchange->request);
    char allow[64];
    size_t len;
    const char *path = serve_request_path(exchange->request, &len);

    if (result == SERVE_ROUTE_NO_PATH) {
        exchange_refuse(exchange,
                        (struct exchange_error){404, "invalid_request_error", NULL, NULL},
                        "Invalid URL (%s %.*s)", method, (int)len, path);
        return;
    }
    serve_route_methods(&endpoints[0].route, COUNT_OF(endpoints), sizeof(endpoints[0]),
                        path, len, allow, sizeof(allow));
    exchange->allow = allow;
    exchange_refuse(exchange,
                    (struct exchange_error){405, "invalid_request_error", NULL,
                                            "method_not_supported"},
                    "Not allowed to %s on %.*s (HINT: Perhaps you meant to use a "
                    "different HTTP method?)",
                    method, (int)len, path);
    exchange->allow = NULL;
}

static void refuse_key(const struct exchange *exchange)
{
    exchange_refuse(
        exchange,
        (struct exchange_error){401, "invalid_request_error", NULL, "invalid_api_key"},
        "Incorrect API key provided.");
}

/* Whether the request brings this key (NULL: none is asked for); what does not is refused here. */
static bool has_key(const struct exchange *exchange, const struct secret *key)
{
    const char *given = key ? exchange_key(exchange) : NULL;

    if (!key)
        return true;
    if (!given) {
        exchange_refuse_status(exchange, 401);
        return false;
    }
    if (strcmp(given, secret_reveal(key)) != 0) {
        refuse_key(exchange);
        return false;
    }
    return true;
}

/* Whose key the request brings: a tenant's, or nobody's of them. */
static struct tenant_key *find_tenant(const struct exchange *exchange)
{
    const struct tenants *tenants = exchange->simulator->tenants;
    const char *given = tenants ? exchange_key(exchange) : NULL;

    return given ? tenants_find_key_by_secret(tenants, given) : NULL;
}

/* Whether the request's key opens the endpoint; what does not is refused here. */
static bool may_enter(struct exchange *exchange, enum endpoint_access access)
{
    const struct simulator_options *options = exchange->simulator->options;

    switch (access) {
    case ENDPOINT_OPEN:
        return true;
    case ENDPOINT_ADMIN:
        return has_key(exchange, options->admin_key);
    case ENDPOINT_KEYED:
        break;
    }
    exchange->tenant = find_tenant(exchange);
    if (exchange->tenant)
        return true;
    if (options->tenant_keys == SIMULATOR_TENANT_KEYS_OPTIONAL)
        return has_key(exchange, options->key);
    if (exchange_key(exchange))
        refuse_key(exchange);
    else
        exchange_refuse_status(exchange, 401);
    return false;
}

/*
 * Whether a fault is all that happens to the request. Where models differ in theirs, it waits until the
 * model is known.
 */
static bool is_struck(struct exchange *exchange)
{
    const struct simulator_options *options = exchange->simulator->options;

    exchange->awaits_fault =
        options->variant_count > 0 && exchange->service <= SIMULATOR_MESSAGES;
    return !exchange->awaits_fault && exchange_is_struck(exchange, options);
}

static void handle(const struct endpoint *endpoint, struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;
    const char *options = (const char *)simulator->options;
    const uint64_t stall_ns = fault_stall_ns(simulator->options, exchange->service,
                                             exchange->now_ns - simulator->started_ns);

    if (stall_ns > 0)
        exchange->due_ns = exchange->now_ns + stall_ns;
    if (endpoint->time != AT_ONCE)
        exchange_take_time(exchange, (const void *)(options + endpoint->time));
    endpoint->handle(exchange);
}

void endpoint_dispatch(struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;
    const enum serve_route_result found = find(exchange);
    const struct endpoint *endpoint = NULL;

    if (found == SERVE_ROUTE_FOUND) {
        endpoint = &endpoints[exchange->match.index];
        exchange->service = endpoint->service;
        exchange->voice = endpoint->voice;
    }
    truth_log_received(simulator->truth, truth_log_stamp(simulator->truth),
                       exchange->number, exchange->id);
    if (fault_is_outage(simulator->options, exchange->service,
                        exchange->now_ns - simulator->started_ns))
        break_down(exchange);
    else if (!endpoint)
        refuse_route(exchange, found);
    else if (may_enter(exchange, endpoint->access) &&
             (endpoint->service == SIMULATOR_SERVICE_COUNT || !is_struck(exchange)))
        handle(endpoint, exchange);
}

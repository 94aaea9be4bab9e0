#include "simulator/endpoint.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "simulator/instance.h"

/* Who may ask. */
enum endpoint_access {
    ENDPOINT_OPEN, /* everybody */
    ENDPOINT_KEYED /* who brings the key, where one is set */
};

static const struct endpoint {
    struct serve_route route; /* first, for serve_route_find() */
    enum endpoint_access access;
    enum simulator_service
        service; /* SIMULATOR_SERVICE_COUNT: only an outage breaks it */
    enum voice voice;
    endpoint_fn *handle;
} endpoints[] = {
#define OF_MODELS(service) ENDPOINT_KEYED, service, VOICE_OPENAI
#define OF_ALL ENDPOINT_OPEN, SIMULATOR_SERVICE_COUNT, VOICE_OPENAI
    {{"POST", "/v1/chat/completions"}, OF_MODELS(SIMULATOR_CHAT), chat_complete},
    {{"POST", "/v1/completions"}, OF_MODELS(SIMULATOR_COMPLETIONS), completion_create},
    {{"POST", "/v1/responses"}, OF_MODELS(SIMULATOR_RESPONSES), responses_create},
    {{"POST", "/v1/embeddings"}, OF_MODELS(SIMULATOR_EMBEDDINGS), embedding_create},
    {{"POST", "/v1/messages"},
     ENDPOINT_KEYED,
     SIMULATOR_MESSAGES,
     VOICE_ANTHROPIC,
     messages_create},
    {{"GET", "/v1/models"}, OF_MODELS(SIMULATOR_MODELS), models_list},
    {{"GET", "/v1/models/{id}"}, OF_MODELS(SIMULATOR_MODELS), models_show},
    {{"GET", "/health"}, OF_ALL, health_show},
    {{"GET", "/v1/health"}, OF_ALL, health_show},
    {{"GET", "/metrics"}, OF_ALL, metrics_show},
#undef OF_MODELS
#undef OF_ALL
};

static void note_fault(const struct exchange *exchange, enum truth_fault fault)
{
    struct truth_log *truth = exchange->simulator->truth;

    truth_log_note(truth, truth_log_stamp(truth), exchange->number, TRUTH_FAULT,
                   (uint32_t)fault, 0);
}

/* What a request meets in an outage. */
static void break_down(const struct exchange *exchange)
{
    const int status = exchange->simulator->options->outage_status;

    note_fault(exchange, TRUTH_FAULT_OUTAGE);
    if (status != 0) {
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
static void refuse_route(const struct exchange *exchange, enum serve_route_result result)
{
    const char *method = serve_request_method(exchange->request);
    size_t len;
    const char *path = serve_request_path(exchange->request, &len);

    if (result == SERVE_ROUTE_NO_PATH)
        exchange_refuse(exchange,
                        (struct exchange_error){404, "invalid_request_error", NULL, NULL},
                        "Invalid URL (%s %.*s)", method, (int)len, path);
    else
        exchange_refuse(exchange,
                        (struct exchange_error){405, "invalid_request_error", NULL,
                                                "method_not_supported"},
                        "Not allowed to %s on %.*s (HINT: Perhaps you meant to use a "
                        "different HTTP method?)",
                        method, (int)len, path);
}

/* Whether the request brings the key; what does not is refused here. */
static bool has_key(const struct exchange *exchange)
{
    const struct secret *key = exchange->simulator->options->key;
    const char *given = key ? exchange_key(exchange) : NULL;

    if (!key)
        return true;
    if (!given) {
        exchange_refuse_status(exchange, 401);
        return false;
    }
    if (strcmp(given, secret_reveal(key)) != 0) {
        exchange_refuse(exchange,
                        (struct exchange_error){401, "invalid_request_error", NULL,
                                                "invalid_api_key"},
                        "Incorrect API key provided.");
        return false;
    }
    return true;
}

/* Draws the fault of the request. Returns whether that is all that happens to it. */
static bool is_struck(struct exchange *exchange)
{
    exchange->fault =
        fault_draw(exchange->simulator->options, exchange->service, exchange->number);
    if (exchange->fault.kind != TRUTH_FAULT_STATUS)
        return false;
    note_fault(exchange, TRUTH_FAULT_STATUS);
    exchange_refuse_status(exchange, exchange->fault.status);
    return true;
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
    else if ((endpoint->access == ENDPOINT_OPEN || has_key(exchange)) &&
             (endpoint->service == SIMULATOR_SERVICE_COUNT || !is_struck(exchange)))
        endpoint->handle(exchange);
}

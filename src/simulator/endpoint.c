#include "simulator/endpoint.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/secret.h"
#include "simulator/instance.h"

/* Who may ask, and what may go wrong. */
enum endpoint_access {
    ENDPOINT_OPEN, /* without key, and only an outage breaks it */
    ENDPOINT_KEYED /* the key is asked for, and error statuses strike */
};

static const struct endpoint {
    struct serve_route route; /* first, for serve_route_find() */
    enum endpoint_access access;
    endpoint_fn *handle;
} endpoints[] = {
    {{"POST", "/v1/chat/completions"}, ENDPOINT_KEYED, chat_complete},
    {{"GET", "/v1/models"}, ENDPOINT_KEYED, models_list},
    {{"GET", "/v1/models/{id}"}, ENDPOINT_KEYED, models_show},
    {{"GET", "/health"}, ENDPOINT_OPEN, health_show},
    {{"GET", "/metrics"}, ENDPOINT_OPEN, metrics_show},
};

static void note_fault(const struct exchange *exchange, enum truth_fault fault)
{
    struct truth_log *truth = exchange->simulator->truth;

    truth_log_note(truth, truth_log_stamp(truth), exchange->number, TRUTH_FAULT,
                   (uint32_t)fault, 0);
}

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

/* Finds the entry; what has none is refused here. */
static const struct endpoint *find(struct exchange *exchange)
{
    const char *method = serve_request_method(exchange->request);
    size_t len;
    const char *path = serve_request_path(exchange->request, &len);

    switch (serve_route_find(&endpoints[0].route, COUNT_OF(endpoints),
                             sizeof(endpoints[0]), method, path, len, &exchange->match)) {
    case SERVE_ROUTE_FOUND:
        return &endpoints[exchange->match.index];
    case SERVE_ROUTE_NO_PATH:
        exchange_refuse(exchange,
                        (struct exchange_error){404, "invalid_request_error", NULL, NULL},
                        "Invalid URL (%s %.*s)", method, (int)len, path);
        break;
    case SERVE_ROUTE_NO_METHOD:
        exchange_refuse(exchange,
                        (struct exchange_error){405, "invalid_request_error", NULL,
                                                "method_not_supported"},
                        "Not allowed to %s on %.*s (HINT: Perhaps you meant to use a "
                        "different HTTP method?)",
                        method, (int)len, path);
        break;
    }
    return NULL;
}

/* Whether the request brings the key; what does not is refused here. */
static bool has_key(const struct exchange *exchange)
{
    const struct secret *key = exchange->simulator->options->key;
    const char *given = serve_request_header(exchange->request, "authorization");

    if (!key)
        return true;
    if (!given || strncasecmp(given, "Bearer ", 7) != 0) {
        exchange_refuse_status(exchange, 401);
        return false;
    }
    if (strcmp(given + 7, secret_reveal(key)) != 0) {
        exchange_refuse(exchange,
                        (struct exchange_error){401, "invalid_request_error", NULL,
                                                "invalid_api_key"},
                        "Incorrect API key provided.");
        return false;
    }
    return true;
}

void endpoint_dispatch(struct exchange *exchange)
{
    const struct simulator *simulator = exchange->simulator;
    const struct endpoint *endpoint;

    truth_log_received(simulator->truth, truth_log_stamp(simulator->truth),
                       exchange->number, exchange->id);
    if (fault_is_outage(simulator->options, exchange->now_ns - simulator->started_ns)) {
        break_down(exchange);
        return;
    }
    endpoint = find(exchange);
    if (!endpoint)
        return;
    if (endpoint->access == ENDPOINT_KEYED) {
        if (!has_key(exchange))
            return;
        exchange->fault = fault_draw(simulator->options, exchange->number);
        if (exchange->fault.kind == TRUTH_FAULT_STATUS) {
            note_fault(exchange, TRUTH_FAULT_STATUS);
            exchange_refuse_status(exchange, exchange->fault.status);
            return;
        }
    }
    endpoint->handle(exchange);
}

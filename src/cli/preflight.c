#include "cli/preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <uv.h>

#include "base/clock.h"
#include "cli/connection_policy.h"
#include "net/curl_transport.h"
#include "plan/plan.h"
#include "result/verdict.h"

#define CONNECT_TIMEOUT_NS (5 * NS_PER_S)
#define TOTAL_TIMEOUT_NS (10 * NS_PER_S)
#define MAX_URL_BYTES 4096
#define MAX_REQUEST_ID_BYTES 128

/* One target's check. */
struct check {
    const struct plan_target *target;
    const char *request_id;
    struct curl_transport *transport;
    struct verdicts *verdicts;
};

/* What to look at, by why the target cannot be reached; NULL: it can. */
static const char *advice(enum transfer_end end)
{
    switch (end) {
    case TRANSFER_DNS:
        return "is the name spelt right, and known here?";
    case TRANSFER_CONNECT:
    case TRANSFER_CONNECT_TIMEOUT:
        return "is the server up, and are host and port right?";
    case TRANSFER_TLS:
        return "trust its certificate with tls.ca_file, or run with --insecure.";
    case TRANSFER_PROXY:
        return "is the proxy up, and does it let this through?";
    case TRANSFER_LOCAL_RESOURCE:
        return "this machine is out of descriptors, ports or memory.";
    case TRANSFER_COMPLETE:
    case TRANSFER_CANCELLED:
    case TRANSFER_ABANDONED:
    case TRANSFER_DROPPED:
    case TRANSFER_TORN:
    case TRANSFER_FIRST_TOKEN_TIMEOUT:
    case TRANSFER_IDLE_TIMEOUT:
    case TRANSFER_TOTAL_TIMEOUT:
    case TRANSFER_RESET:
    case TRANSFER_TRUNCATED:
    case TRANSFER_PROTOCOL:
    case TRANSFER_EVENT_TOO_LARGE:
    case TRANSFER_ENCODING:
    case TRANSFER_END_COUNT:
        return NULL;
    }
    return NULL;
}

static void on_headers(void *ctx, uint16_t status, const struct arrival *arrival)
{
    (void)ctx;
    (void)status;
    (void)arrival;
}

static void on_bytes(void *ctx, const char *bytes, size_t len,
                     const struct arrival *arrival)
{
    (void)ctx;
    (void)bytes;
    (void)len;
    (void)arrival;
}

static void on_closed(void *ctx)
{
    (void)ctx;
}

static void on_end(void *ctx, const struct transfer_result *result)
{
    struct check *check = ctx;
    const char *hint = advice(result->end);

    if (hint)
        verdicts_add(check->verdicts, EXIT_PREFLIGHT, "%s cannot be reached (%s): %s",
                     check->target->origin, result->detail, hint);
    curl_transport_close(check->transport, on_closed, NULL);
}

static int start(struct check *check)
{
    static const struct transfer_handler handler = {.on_headers = on_headers,
                                                    .on_event = on_bytes,
                                                    .on_body = on_bytes,
                                                    .on_end = on_end};
    const struct plan_target *target = check->target;
    char url[MAX_URL_BYTES];
    struct transfer *transfer = NULL;
    const struct transfer_header id = {"X-Request-ID", check->request_id};
    const struct transfer_request request = {.method = "GET",
                                             .url = url,
                                             .headers = &id,
                                             .header_count = 1,
                                             .connect_timeout_ns = CONNECT_TIMEOUT_NS,
                                             .total_timeout_ns = TOTAL_TIMEOUT_NS};

    if ((size_t)snprintf(url, sizeof(url), "%s%s/models", target->origin,
                         target->api_prefix) >= sizeof(url))
        return -ENAMETOOLONG;
    return transport_start(curl_transport_as_transport(check->transport), &request,
                           clock_mono_ns(), &handler, check, &transfer);
}

static void check_target(const struct plan_target *target, const char *request_id,
                         struct verdicts *verdicts)
{
    const struct connection_policy policy = connection_policy_of(target);
    const struct curl_transport_options options = {
        .targets = &policy, .target_count = 1, .shards = 1};
    struct check check = {
        .target = target, .request_id = request_id, .verdicts = verdicts};
    uv_loop_t loop;
    int r = uv_loop_init(&loop);

    if (r >= 0)
        r = curl_transport_new(&loop, &options, &check.transport);
    if (r >= 0) {
        r = start(&check);
        if (r < 0)
            curl_transport_close(check.transport, on_closed, NULL);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    if (r < 0)
        verdicts_add(verdicts, EXIT_PREFLIGHT, "%s could not be checked: %s.",
                     target->origin, strerror(-r));
    uv_loop_close(&loop);
}

void preflight_targets(const struct plan *plan, const char *run_id,
                       struct verdicts *verdicts)
{
    char request_id[MAX_REQUEST_ID_BYTES];

    (void)snprintf(request_id, sizeof(request_id), "%.64s-preflight", run_id);
    for (size_t i = 0; i < plan->target_count; i++)
        if (!plan->targets[i].simulator)
            check_target(&plan->targets[i], request_id, verdicts);
}

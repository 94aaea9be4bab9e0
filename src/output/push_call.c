#include "output/push_call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/secret.h"
#include "net/call.h"
#include "plan/plan.h"

#define MAX_SENT_BYTES ((size_t)8192)

/* A gateway, or a proxy before it, may quote what it was sent. */
static void mask(const struct plan_pushgateway *plan, char *text)
{
    plan_star_headers(text, plan->headers, plan->header_count);
    if (plan->credentials) {
        const char *all = secret_reveal(plan->credentials);
        const char *password = strchr(all, ':') + 1;
        CLEANUP(buf_deinit) struct buf sent = BUF_INIT(MAX_SENT_BYTES);

        base64_append(&sent, all, strlen(all));
        secret_star_out(text, buf_str(&sent));
        secret_star_out(text, all);
        if (strlen(password) >= SECRET_MIN_BYTES)
            secret_star_out(text, password);
        secret_wipe(sent.bytes, sent.len);
    }
}

static void write_outcome(const struct push_call *call, int r, struct call_result *result,
                          struct push_outcome *outcome)
{
    const size_t size = sizeof(outcome->problem);

    *outcome = (struct push_outcome){.end = PUSH_UNREACHABLE, .status = result->status};
    mask(call->plan, result->detail);
    if (r == -ECANCELED) {
        outcome->end = PUSH_CANCELLED;
    } else if (r == -ETIMEDOUT) {
        (void)snprintf(outcome->problem, size, "no answer within %.3gs",
                       (double)call->timeout_ns / (double)NS_PER_S);
    } else if (r < 0) {
        (void)snprintf(outcome->problem, size, "%s",
                       *result->detail ? result->detail : strerrordesc_np(-r));
    } else if (result->status >= 200 && result->status < 300) {
        outcome->end = PUSH_OK;
    } else {
        outcome->end = PUSH_REFUSED;
        (void)snprintf(outcome->problem, size, "it answered %u%s%s", result->status,
                       *result->detail ? ": " : "", result->detail);
    }
}

void push_call_perform(const struct push_call *push, struct push_outcome *ret_outcome)
{
    const struct plan_pushgateway *plan = push->plan;
    struct transfer_header *headers = calloc(plan->header_count + 1, sizeof(*headers));
    struct call_result result = {0};
    struct call call = {
        .method = push->method,
        .url = push->url,
        .headers = headers,
        .credentials = plan->credentials,
        .body = push->body,
        .body_len = push->body_len,
        .timeout_ns = push->timeout_ns,
        .insecure = plan->tls.insecure,
        .ca_file = plan->tls.ca_file,
        .cert_file = plan->tls.cert_file,
        .key_file = plan->tls.key_file,
        .cancelled = push->cancelled,
    };
    int r = headers ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < plan->header_count; i++)
        headers[call.header_count++] =
            (struct transfer_header){plan->headers[i].key, plan->headers[i].value};
    if (r == 0 && push->body)
        headers[call.header_count++] =
            (struct transfer_header){"Content-Type", "text/plain; version=0.0.4"};
    if (r == 0)
        r = call_perform(&call, &result);
    write_outcome(push, r, &result, ret_outcome);
    free(headers);
}

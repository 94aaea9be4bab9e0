#include "cli/preflight_targets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/dialect.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/quantity.h"
#include "base/secret.h"
#include "cli/connection_policy.h"
#include "cli/preflight_report.h"
#include "net/visit.h"
#include "plan/plan.h"

#define CONNECT_TIMEOUT_NS (5 * NS_PER_S)
#define TOTAL_TIMEOUT_NS (10 * NS_PER_S)
#define MAX_URL_BYTES 4096
#define MAX_HEADER_BYTES 8192
#define MAX_TEXT_BYTES 512

/* Beside those of the API and of the target: the request's id and the key. */
#define OWN_HEADERS 2

#define DAY_S (INT64_C(24) * 3600)

/* A certificate that ends so soon may end within the tests it is needed for. */
#define CERTIFICATE_DAYS 7

/* What is looked at of a target, from one of its source addresses. */
struct look {
    const struct plan_target *target;
    const char *source; /* NULL: any address of this machine's will do */
    bool is_another;  /* the target is looked at from other sources too, and told there */
    const char *path; /* of its health; NULL: it has none */
    struct connection_policy policy;
    struct transfer_header *headers; /* owned */
    size_t header_count;
    struct buf url;
    struct buf authorization;
};

/* NULL: somebody is there, whatever they said. */
static const char *advice(const struct look *look, enum transfer_end end)
{
    const bool is_connection = end == TRANSFER_CONNECT ||
                               end == TRANSFER_CONNECT_TIMEOUT ||
                               end == TRANSFER_LOCAL_RESOURCE;

    if (end == TRANSFER_DNS)
        return "is the name spelt right, and known here?";
    if (is_connection && look->source)
        return "is the server up, are host and port right, and has that address of "
               "connections.sources a way to it?";
    if (end == TRANSFER_CONNECT || end == TRANSFER_CONNECT_TIMEOUT)
        return "is the server up, and are host and port right?";
    if (end == TRANSFER_TLS)
        return "trust its certificate with tls.ca_file, or run with --insecure.";
    if (end == TRANSFER_PROXY)
        return "is the proxy up, and does it let this through?";
    if (end == TRANSFER_LOCAL_RESOURCE)
        return "this machine is out of descriptors, ports or memory.";
    return NULL;
}

/* "3.2 ms (connection 0.2 ms, TLS 1.9 ms), HTTP/1.1, at 10.0.0.7:8000" */
static void put_times(const struct visit_result *result, struct buf *out)
{
    quantity_format_latency(out, result->first_byte_ns);
    buf_append_str(out, " (connection ");
    quantity_format_latency(out, result->connect_ns);
    if (result->tls_ns > 0) {
        buf_append_str(out, ", TLS ");
        quantity_format_latency(out, result->tls_ns);
    }
    buf_printf(out, "), HTTP/%s, at %s", result->http == 2 ? "2" : "1.1", result->peer);
}

static void judge_certificate(const struct look *look, const struct visit_result *result,
                              const char *what, struct preflight_report *report)
{
    const int64_t now_s = (int64_t)(clock_wall_ns() / NS_PER_S);
    const int64_t days = (result->certificate_ends_s - now_s) / DAY_S;

    if (result->certificate_ends_s == 0 || look->target->tls.insecure)
        return;
    preflight_find(report, days < CERTIFICATE_DAYS ? FINDING_WARNING : FINDING_PASSED,
                   what, "its certificate ends in %lld days", (long long)days);
}

/* Of a target that answered. */
static void judge_answer(const struct look *look, const struct visit_result *result,
                         const char *what, struct preflight_report *report)
{
    CLEANUP(buf_deinit) struct buf times = BUF_INIT(MAX_TEXT_BYTES);
    const bool is_well = result->status >= 200 && result->status < 300;

    put_times(result, &times);
    if (look->path && !is_well)
        preflight_find(
            report, FINDING_FAILED, what,
            "%s is not well: %s answered %u; look at the service, or leave out "
            "its `health` if that path is not what you mean.",
            look->target->origin, look->path, result->status);
    else if (look->path)
        preflight_find(report, FINDING_PASSED, what, "%s answered %u in %s", look->path,
                       result->status, buf_str(&times));
    else
        preflight_find(report, FINDING_PASSED, what, "reachable in %s", buf_str(&times));
    judge_certificate(look, result, what, report);
}

static void judge(const struct look *look, const struct visit_result *result,
                  struct preflight_report *report)
{
    const char *hint = advice(look, result->end);
    char what[FINDING_WHAT_BYTES];

    (void)snprintf(what, sizeof(what), "target %.60s", look->target->name);
    if (hint)
        preflight_find(report, FINDING_FAILED, what, "%s cannot be reached%s%s (%s): %s",
                       look->target->origin, look->source ? " from " : "",
                       look->source ? look->source : "", result->detail, hint);
    else if (look->is_another)
        return;
    else if (result->status > 0)
        judge_answer(look, result, what, report);
    else if (look->path)
        preflight_find(report, FINDING_FAILED, what, "%s gave no answer to %s: %s",
                       look->target->origin, look->path, result->detail);
    else
        preflight_find(report, FINDING_WARNING, what,
                       "%s took the connection and gave no answer: %s",
                       look->target->origin, result->detail);
}

/* In place of one of that name. */
static void add_header(struct look *look, const char *name, const char *value)
{
    size_t i = 0;

    while (i < look->header_count && strcasecmp(look->headers[i].name, name) != 0)
        i++;
    look->headers[i] = (struct transfer_header){name, value};
    look->header_count += i == look->header_count;
}

/* Those that the load's requests have; what is written anew for each of them is left out. */
static void add_headers(struct look *look, const struct plan_pair *headers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!headers[i].template)
            add_header(look, headers[i].key, headers[i].value);
}

/* A service that guards its health wants what all that is asked of it has. */
static int add_credentials(struct look *look)
{
    const struct plan_target *target = look->target;
    const struct api_dialect *manner = api_dialect_of(target->api, PLAN_STEP_CHAT);
    const struct api_auth_words words = api_auth_words_of(manner->auth);

    look->headers = calloc(OWN_HEADERS + manner->header_count + target->header_count,
                           sizeof(*look->headers));
    if (!look->headers)
        return -ENOMEM;
    if (!look->path)
        return 0;
    if (target->api_key) {
        buf_printf(&look->authorization, "%s%s", words.scheme,
                   secret_reveal(target->api_key));
        add_header(look, words.header, buf_str(&look->authorization));
    }
    add_headers(look, manner->headers, manner->header_count);
    add_headers(look, target->headers, target->header_count);
    return 0;
}

static int prepare(struct look *look, const char *request_id, struct visit *visit)
{
    const struct plan_target *target = look->target;
    const int r = add_credentials(look);

    if (r < 0)
        return r;
    look->policy = connection_policy_of(target);
    if (look->source) {
        look->policy.sources = &look->source;
        look->policy.source_count = 1;
    }
    add_header(look, "X-Request-ID", request_id);
    if (look->path)
        buf_printf(&look->url, "%s%s", target->origin, look->path);
    else
        buf_printf(&look->url, "%s%s/models", target->origin, target->api_prefix);
    *visit = (struct visit){.url = buf_str(&look->url),
                            .headers = look->headers,
                            .header_count = look->header_count,
                            .policy = &look->policy,
                            .connect_timeout_ns = CONNECT_TIMEOUT_NS,
                            .timeout_ns = TOTAL_TIMEOUT_NS};
    return 0;
}

static const char *health_of(const struct plan *plan, size_t index)
{
    const struct plan_platform *platform = &plan->platform;

    return platform->is_used && platform->target == index && platform->health
               ? platform->health
               : plan->targets[index].health;
}

/* So many times a target is looked at: from each of its sources. */
static size_t looks_at(const struct plan_target *target)
{
    const size_t sources = target->connections.source_count;

    if (target->simulator)
        return 0;
    return sources > 0 ? sources : 1;
}

static size_t looks_of(const struct plan *plan)
{
    size_t count = 0;

    for (size_t i = 0; i < plan->target_count; i++)
        count += looks_at(&plan->targets[i]);
    return count;
}

static struct look look_of(const struct plan *plan, size_t target, size_t number)
{
    const struct plan_connections *connections = &plan->targets[target].connections;

    return (struct look){
        .target = &plan->targets[target],
        .source = connections->source_count > 0 ? connections->sources[number] : NULL,
        .is_another = number > 0,
        .path = health_of(plan, target),
        .url = BUF_INIT(MAX_URL_BYTES),
        .authorization = BUF_INIT(MAX_HEADER_BYTES)};
}

static int look_at_all(const struct plan *plan, const char *request_id,
                       struct look *looks, struct visit *visits,
                       struct preflight_report *report)
{
    size_t count = 0;
    int r = 0;

    for (size_t i = 0; i < plan->target_count; i++) {
        for (size_t j = 0; r == 0 && j < looks_at(&plan->targets[i]); j++) {
            looks[count] = look_of(plan, i, j);
            r = prepare(&looks[count], request_id, &visits[count]);
            count++;
        }
    }
    if (r == 0)
        r = visits_perform(visits, count);
    for (size_t i = 0; i < count; i++) {
        if (r == 0)
            judge(&looks[i], &visits[i].result, report);
        secret_wipe(looks[i].authorization.bytes, looks[i].authorization.len);
        buf_deinit(&looks[i].authorization);
        buf_deinit(&looks[i].url);
        free(looks[i].headers);
    }
    return r;
}

void preflight_targets(const struct plan *plan, const char *request_id,
                       struct preflight_report *report)
{
    const size_t count = looks_of(plan) + 1; /* of none there may be nothing */
    struct look *looks = calloc(count, sizeof(*looks));
    struct visit *visits = calloc(count, sizeof(*visits));
    const int r =
        looks && visits ? look_at_all(plan, request_id, looks, visits, report) : -ENOMEM;

    if (r < 0)
        preflight_find(report, FINDING_FAILED, "targets",
                       "The targets could not be checked: %s.", strerror(-r));
    free(visits);
    free(looks);
}
